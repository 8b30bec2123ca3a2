/** A comment for readers of the file, and the key or list item that it belongs to. */
export interface Note {
  readonly path: readonly (string | number)[];
  readonly place: 'above' | 'beside';
  readonly text: string;
}
