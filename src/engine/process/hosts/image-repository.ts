/** `docker.io/library/postgres:15-alpine@sha256:…` → `postgres`, `hashicorp/consul:1.16` → `hashicorp/consul`. */
export function imageRepository(image: string): string {
  const untagged = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  return untagged.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
}
