/** A rendered file. The path is relative to the project root, with forward slashes. */
export interface Artefact {
  readonly path: string;
  readonly text: string;
}
