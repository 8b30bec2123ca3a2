import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, count, type Dispatch, examples, json, profile, withMesh } from './options.ts';

/** What is made from the manifest: files and images. */
export function addArtefactCommands(program: Command, dispatch: Dispatch): void {
  addGenerate(program, dispatch);
  addBuild(program, dispatch);
  addVerify(program, dispatch);
}

function addGenerate(program: Command, dispatch: Dispatch): void {
  withMesh(program.command('generate'))
    .description(
      'write docker-compose.yml, the Dockerfiles, the Kubernetes manifests and the Helm chart from mesh.yaml',
    )
    .argument('[targets...]', 'compose, dockerfiles, k8s, infra, helm (default: all)')
    .option('--check', 'write nothing; exit 1 with a diff when a file differs')
    .option('--stdout', 'print the files instead of writing them')
    .option('--secrets', 'with --stdout: k8s and infra with the values of .mesh/secrets.env, for kubectl apply -f -')
    .option('--force', 'overwrite files that were edited by hand')
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'mesh generate',
        'mesh generate --check',
        'mesh generate compose --stdout',
        'mesh generate k8s infra --secrets --stdout | kubectl apply -f -',
      ]),
    )
    .action((targets, options) =>
      dispatch(async (io) => (await import('../commands/generate.ts')).generate({ ...options, targets }, io)),
    );
}

function addBuild(program: Command, dispatch: Dispatch): void {
  withMesh(program.command('build'))
    .description('build the images of the services')
    .argument('[services...]', 'only these (default: all that can be built)')
    .option('--push', 'push the images to their registry')
    .option('--registry <host/path>', 'put this in front of the names of the images')
    .addOption(list('--tag <template>', 'tag them so; {version}, {sha} and {branch} are replaced (repeatable)'))
    .addOption(list('--platform <os/arch>', 'build for these platforms (repeatable, or with commas)'))
    .option('--load', 'keep them on this machine as well when they are pushed')
    .addOption(list('--cache-from <cache>', 'use this cache; {service} is replaced (repeatable)'))
    .addOption(list('--cache-to <cache>', 'export the cache there; {service} is replaced (repeatable)'))
    .option('--sbom', 'attach a list of what is in them')
    .option('--provenance [mode]', 'attach how they were built: min, max, or false for none')
    .option('--no-cache', 'build all, and do not use cached steps')
    .option('--pull', 'build all, and look for newer base images')
    .option('--affected', 'only those that changed since a revision of git')
    .option('--since <revision>', 'that revision (default: where the branch began)')
    .option('--jobs <number>', 'how many at once (default: as many as fit into memory)', jobs)
    .option('--metadata <file>', 'write digests and names of the images to this file')
    .option('--verify', 'start each image and check user, ports, entry point and readiness')
    .option('--print', 'print the definition for docker buildx bake, and build nothing')
    .option('--dry-run', 'print what would be built and why, and build nothing')
    .addOption(new Option('--output <form>', 'how progress is shown').choices(['plain', 'json', 'github']))
    .addOption(profile())
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'mesh build',
        'mesh build gateway discovery',
        'mesh build --affected --since origin/main --dry-run',
        'mesh build --push --registry ghcr.io/acme/shop --tag {sha} --tag {branch} --output github',
      ]),
    )
    .action((services, options) =>
      dispatch(async (io) => (await import('../commands/build.ts')).build({ ...options, services }, io)),
    );
}

function addVerify(program: Command, dispatch: Dispatch): void {
  withMesh(program.command('verify'))
    .description('prove that Compose, Kubernetes and Helm say what the manifest says')
    .argument('[artefacts...]', 'files and folders to hold against each other, without a manifest')
    .option('--helm <path>', 'the helm program (default: that on PATH; MESH_HELM)')
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'mesh verify',
        'mesh verify --json',
        'mesh verify docker-compose.yml k8s',
        'mesh verify --helm ~/bin/helm',
      ]),
    )
    .action((artefacts, options) =>
      dispatch(async (io) => (await import('../commands/verify.ts')).verify({ ...options, artefacts }, io)),
    );
}

function list(flags: string, description: string): Option {
  return new Option(flags, description).default([] as string[]).argParser(collect);
}

function jobs(text: string): number {
  const number = count(text);
  if (number === 0) throw new InvalidArgumentError('Expected at least 1.');
  return number;
}
