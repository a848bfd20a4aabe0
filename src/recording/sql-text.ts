// Texts of others inside a statement, where DuckDB takes no parameters (the target of COPY).

/** A string literal. A backslash is an ordinary character there; only the quote is special. */
export function quoteText(text: string): string {
  if (text.includes('\0')) throw new RangeError('a text with a NUL byte can not stand in a statement');
  return `'${text.replaceAll("'", "''")}'`;
}

/** A path for `read_parquet`, which would take `*`, `?` and `[` for patterns. */
export function quotePathToRead(path: string): string {
  return quoteText(path.replace(/[*?[]/g, '[$&]'));
}
