// How often the diagnosis of profiles finds what is planted in made-up profiles, and how often it finds what is not there.
// node --conditions=encodelab-source bench/diagnosis.ts [SEEDS [FIRST]]      seeds for each case and way of recording, 100 from 1 where they are not given

import { diagnose } from '#profile/diagnosis/diagnose';
import { PLANTED_CASES, type PlantedHow } from '../test/profile/planted-cases.ts';

const seeds = Number(process.argv[2] ?? 100);
const first = Number(process.argv[3] ?? 1);
const WAYS: readonly (PlantedHow & { readonly name: string })[] = [
  { name: '999 Hz and scheduler', hertz: 999, spans: true },
  { name: '999 Hz', hertz: 999, spans: false },
  { name: '99 Hz', hertz: 99, spans: false },
];

console.log(`${seeds} seeds each: 2, 4 or 8 CPUs, 8 s\n`);
console.log(`| case | must be found | ${WAYS.map(({ name }) => name).join(' | ')} | false findings |`);
console.log(`|---|---|${WAYS.map(() => '--:').join('|')}|---|`);
let profiles = 0;
let falsely = 0;
const began = process.cpuUsage();
for (const each of PLANTED_CASES) {
  const wrong = new Map<string, number>();
  const cells = WAYS.map((way) => {
    if ((each.needsSpans === true && !way.spans) || way.hertz < (each.leastHertz ?? 0)) return '';
    let found = 0;
    for (let seed = first; seed < first + seeds; seed++) {
      const [profile, context] = each.make(seed, way);
      const diagnoses = new Set(diagnose(profile, context).map(({ diagnosis }) => diagnosis));
      if (each.plants !== null && diagnoses.has(each.plants)) found++;
      const extra = [...diagnoses].filter((d) => d !== each.plants && !each.alsoTrue.includes(d));
      for (const d of extra) wrong.set(`${d} (${way.name})`, (wrong.get(`${d} (${way.name})`) ?? 0) + 1);
      profiles++;
      if (extra.length > 0) falsely++;
      else if (each.plants === null) found++;
    }
    return `${((100 * found) / seeds).toFixed(0)} %`;
  });
  const falseText = [...wrong].map(([name, count]) => `${name}: ${count}`).join(', ');
  console.log(`| ${each.name} | ${each.plants ?? 'nothing'} | ${cells.join(' | ')} | ${falseText} |`);
}
const cpuS = process.cpuUsage(began).user / 1e6;
console.log(
  `\n${falsely} of ${profiles} profiles with a false finding; ${((cpuS / profiles) * 1000).toFixed(0)} ms of CPU a profile, making it included`,
);
