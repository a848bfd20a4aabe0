import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { checkSource } from '#media/check-source';
import { makeThumbnails } from '#media/thumbnails/make-thumbnails';
const clip = process.argv[2]!;
const rounds = Number(process.argv[3] ?? 1);
const sha = (f: string) => createHash('sha256').update(readFileSync(f)).digest('hex').slice(0, 12);
for (let i = 0; i < rounds; i++) {
  const kept = mkdtempSync('/tmp/T-kept-');
  let plain = 0, withP = 0;
  let t = performance.now();
  await checkSource(clip, { onCpu: (s) => (plain = s) });
  const a = performance.now() - t; t = performance.now();
  const checked = await checkSource(clip, { pictures: { folder: kept }, onCpu: (s) => (withP = s) });
  const b = performance.now() - t;
  console.log('check cpu', plain.toFixed(2), withP.toFixed(2), 'wall', a.toFixed(0), b.toFixed(0));
  if (i === 0) {
    console.log(readdirSync(kept).map((f) => `${f} ${statSync(kept + '/' + f).size}`).join(', '));
    const d = checked.info.video.duration;
    for (const k of [undefined, kept]) {
      const into = mkdtempSync('/tmp/T-into-');
      const made = await makeThumbnails(clip, checked, d, into, { kept: k });
      console.log(k === undefined ? 'decoded' : 'kept', made.cpuS.toFixed(3), JSON.stringify(made.facts));
      for (const f of [...made.sheets, made.poster, made.vtt]) console.log(' ', f, sha(`${into}/${f}`));
    }
  }
}
