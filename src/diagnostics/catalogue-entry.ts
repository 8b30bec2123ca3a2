export interface CatalogueEntry {
  readonly title: string;
  /** What it means, in a sentence or two. */
  readonly meaning: string;
  /** What to do about it. */
  readonly fix: string;
}
