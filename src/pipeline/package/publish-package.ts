// A package put where players find it: first everything that no manifest names yet, then the manifests, each by one step.

import { z } from 'zod';
import { PROTECTIONS } from '#core/title';
import { mediaHeaders, versionOf } from './media-type.ts';
import type { ObjectStore } from './object-store.ts';
import type { PackageFacts } from './package-facts.ts';

/** What an origin knows of a published title; nothing in it is secret. */
export const PUBLISHED_TITLE = 'title.json';
export const publishedTitle = z.object({
  version: z.literal(1),
  /** Id of the title in the lab. */
  title: z.string(),
  protection: z.enum(PROTECTIONS),
  keyIds: z.record(z.string(), z.string()),
  dash: z.string(),
  hls: z.string(),
});
export type PublishedTitle = z.infer<typeof publishedTitle>;

export interface PublishJob {
  readonly title: string;
  readonly facts: PackageFacts;
  /** Files of the package, by their names in it. */
  readonly files: readonly { readonly name: string; readonly file: string; readonly bytes: number }[];
  readonly signal: AbortSignal;
}

/**
 * Publishes, and goes on where a try was broken off. The version before stays for players that are in the middle of it;
 * those before that are taken away.
 */
export async function publishPackage(store: ObjectStore, job: PublishJob): Promise<void> {
  const { facts, files, signal } = job;
  const { dash, hls, protection, keyIds } = facts;
  const isManifest = (name: string) => name === dash || name === hls;
  const media = files.filter(({ name }) => !isManifest(name));
  const manifests = files.filter(({ name }) => isManifest(name));
  if (manifests.length !== 2) throw new Error('the package has no manifests');
  for (const { name, file, bytes } of media) {
    signal.throwIfAborted();
    // Names of a version stand for their content: what is there with its whole length is it.
    if ((await store.head(name))?.bytes !== bytes) await store.put(name, { file }, headersOf(name), signal);
  }
  const about: PublishedTitle = { version: 1, title: job.title, protection, keyIds, dash, hls };
  const text = `${JSON.stringify(about)}\n`;
  await store.put(PUBLISHED_TITLE, { text }, headersOf(PUBLISHED_TITLE), signal);
  for (const { name, file } of manifests) await store.put(name, { file }, headersOf(name), signal);
  await removeOldVersions(store, facts.folder);
}

async function removeOldVersions(store: ObjectStore, current: string): Promise<void> {
  const newest = new Map<string, number>();
  const objects = await store.list('');
  for (const { key, changedAt } of objects) {
    const version = versionOf(key);
    if (version !== null && version !== current) newest.set(version, Math.max(changedAt, newest.get(version) ?? 0));
  }
  const old = [...newest].toSorted(([, a], [, b]) => b - a).slice(1);
  for (const [version] of old) for (const { key } of objects) if (versionOf(key) === version) await store.delete(key);
}

function headersOf(name: string) {
  const headers = mediaHeaders(name);
  if (headers === null) throw new Error(`${name} is nothing that is published`);
  return headers;
}
