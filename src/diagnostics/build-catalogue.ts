/** The codes of builds; a part of the catalogue, whose rules are theirs. */
export const buildCatalogue = {
  MESH2060: {
    title: 'The builder cannot do that',
    meaning: 'The option needs an image store or a builder that this engine does not have.',
    fix: 'Switch the engine to the containerd image store, or use another builder: `docker buildx create --use`.',
  },
  MESH2061: {
    title: 'Git does not answer the question',
    meaning: 'A tag template or `--affected` needs git, a repository, or a revision that is not there.',
    fix: 'Run it in a clone that has the revision; in CI, fetch the whole history.',
  },
  MESH2062: {
    title: 'A secret of a build has no value',
    meaning: 'The build of the service asks for a secret that is set nowhere; mesh does not make one up for a build.',
    fix: 'Set the variable that the message names, or write it into `.mesh/secrets.env`.',
  },
  MESH3006: {
    title: 'A build failed',
    meaning: 'The image of the service could not be built.',
    fix: 'The failing step and its last lines stand in the message.',
  },
  MESH3020: {
    title: 'An image is not as the manifest says',
    meaning:
      '`mesh build --verify` found that it runs as root, does not expose a port, hides its program behind a shell, or is never ready.',
    fix: 'The message says which. Mend the Dockerfile, or the manifest.',
  },
} as const;
