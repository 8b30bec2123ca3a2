/** A range in one source file. Lines and columns count from 1, as editors show them; the end is exclusive. */
export interface Location {
  /** The path as the user would type it, or `toskamesh (preset)` for a built-in preset. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The text of one file, kept so that a problem can show the lines that it blames. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** `mesh.yaml:12:24`, the form that editors and terminals turn into a link. */
export function formatLocation(location: Location): string {
  return `${location.file}:${location.line}:${location.column}`;
}

/** Order by file, then by place: the order in which a reader meets the problems. */
export function compareLocations(a: Location | undefined, b: Location | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
