/** An image reference as repository and tag; a missing tag is what every engine takes it for. */
export function splitImage(image: string): { readonly repository: string; readonly tag: string } {
  const [withoutDigest = image, digest] = image.split('@');
  const slash = withoutDigest.lastIndexOf('/');
  const colon = withoutDigest.indexOf(':', slash + 1);
  if (digest !== undefined) {
    return { repository: colon === -1 ? withoutDigest : withoutDigest.slice(0, colon), tag: digest };
  }
  if (colon === -1) return { repository: image, tag: 'latest' };
  return { repository: withoutDigest.slice(0, colon), tag: withoutDigest.slice(colon + 1) };
}
