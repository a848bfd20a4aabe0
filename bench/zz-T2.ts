import { checkSource } from '#media/check-source';
import { choosePictures } from '#media/thumbnails/thumbnail-plan';
const c = await checkSource(process.argv[2]!);
console.log(c.info.video.duration, c.info.video.timeBase, c.frames.pts.slice(0, 5), c.frames.pts.length, [...c.frames.key].map((k, i) => (k ? i : -1)).filter((i) => i >= 0).join());
console.log(choosePictures(c.frames, c.info.video.timeBase, c.info.video.duration).map((p) => `${p.frame} ${p.ticks} ${p.seek}`).join('; '));
