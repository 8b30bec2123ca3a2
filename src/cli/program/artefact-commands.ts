import type { Command } from 'commander';
import { type Dispatch, examples, json, profile, withMesh } from './options.ts';

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
    .option('--no-cache', 'do not use cached steps')
    .addOption(profile())
    .addOption(json())
    .addHelpText('after', examples(['mesh build', 'mesh build gateway discovery', 'mesh build --no-cache --json']))
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
