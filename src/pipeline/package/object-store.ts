// Where titles are published to: what a folder, an S3 bucket and any store like it can do. Narrow on purpose.

export interface ObjectHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
}

export interface StoredObject {
  /** Names with slashes between them, below what the store was opened for. */
  readonly key: string;
  readonly bytes: number;
  /** UTC, milliseconds. */
  readonly changedAt: number;
}

export type ObjectBody = { readonly file: string } | { readonly text: string };

export interface ObjectStore {
  /** Where an object can be found, for people: a path or an address. */
  locate(key: string): string;
  /** Readers see what was there before or the whole of this, never a part; it lasts when this resolves. */
  put(key: string, body: ObjectBody, headers: ObjectHeaders, signal: AbortSignal): Promise<void>;
  /** Null where there is none. */
  head(key: string): Promise<StoredObject | null>;
  /** Every object whose key begins so. */
  list(prefix: string): Promise<StoredObject[]>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
}
