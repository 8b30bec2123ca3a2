/** What the lines about a run call the mesh; the main one has no second name. */
export function meshTitle(run: { readonly mesh: string; readonly instance?: string | undefined }): string {
  return run.instance === undefined ? run.mesh : `${run.mesh} · ${run.instance}`;
}
