import type { CatalogueEntry } from './catalogue-entry.ts';

/** The codes of generated files, and of what `mesh verify` finds in them. */
export const artefactCatalogue = {
  MESH4001: {
    title: 'Generated files are not up to date',
    meaning: 'The files on disk differ from what the manifest gives.',
    fix: 'Run `mesh generate` and commit the result.',
  },
  MESH4002: {
    title: 'A generated file was edited by hand',
    meaning: 'Writing it again would lose the edit.',
    fix: 'Move the change into mesh.yaml, or overwrite it with `--force`.',
  },
  MESH4003: {
    title: 'An artefact cannot be read',
    meaning: 'A compose file, a Kubernetes manifest or what Helm rendered is not valid YAML at this place.',
    fix: 'Mend the file, or write it again with `mesh generate`.',
  },
  MESH4004: {
    title: 'Helm could not render the chart',
    meaning: '`helm template` failed on the chart of this project.',
    fix: 'The message carries its words. Write the chart again with `mesh generate`, or mend the values.',
  },
  MESH4101: {
    title: 'A service is missing in a target, or only there',
    meaning: 'The manifest and an artefact do not have the same services.',
    fix: 'Add it to mesh.yaml or remove it there, and run `mesh generate`.',
  },
  MESH4102: {
    title: 'A variable differs',
    meaning: 'A service gets another value, or none, or one that the manifest does not have.',
    fix: 'Change mesh.yaml and run `mesh generate`; in a file of your own, set it as the message says.',
  },
  MESH4103: {
    title: 'A secret is not kept as one',
    meaning: 'What the manifest declares as a secret stands in a ConfigMap or as plain text.',
    fix: 'Move it into a Secret, and replace the value: what was committed is known.',
  },
  MESH4104: {
    title: 'A port differs',
    meaning:
      'A container port, its name, a published port, or a port or the type of a Service is not what was declared.',
    fix: 'Change mesh.yaml and run `mesh generate`; in a file of your own, set it as the message says.',
  },
  MESH4105: {
    title: 'A probe differs',
    meaning: 'A probe is missing, asks something else, or asks less often or less strictly than declared.',
    fix: 'Change `health` in mesh.yaml and run `mesh generate`.',
  },
  MESH4106: {
    title: 'Resources differ',
    meaning: 'A request or limit is not what was declared.',
    fix: 'Change `resources` in mesh.yaml and run `mesh generate`.',
  },
  MESH4107: {
    title: 'The number of replicas differs',
    meaning: 'A target runs more or fewer of a service than its environment declares.',
    fix: 'Change `replicas` of the environment in mesh.yaml and run `mesh generate`.',
  },
  MESH4108: {
    title: 'An image differs',
    meaning: 'A target runs another repository or tag.',
    fix: 'Change `image` in mesh.yaml and run `mesh generate`.',
  },
  MESH4109: {
    title: 'A dependency differs',
    meaning: '`depends_on` is not what `needs` declares, so services start in another order.',
    fix: 'Change `needs` in mesh.yaml and run `mesh generate`.',
  },
  MESH4110: {
    title: 'A label differs',
    meaning: 'A label that mesh or Kubernetes finds things by is not what was declared.',
    fix: 'Run `mesh generate`; in a file of your own, set it as the message says.',
  },
  MESH4111: {
    title: 'A service is run differently',
    meaning: 'Its command, user, restart policy or time to stop is not what was declared.',
    fix: 'Change mesh.yaml and run `mesh generate`.',
  },
  MESH4112: {
    title: 'A file or volume differs',
    meaning: 'A file that is put into the container, or a volume that is mounted, is not what was declared.',
    fix: 'Change `files` or `volumes` in mesh.yaml and run `mesh generate`.',
  },
  MESH4201: {
    title: 'A ConfigMap or Secret, or a key of it, does not exist',
    meaning: 'A container refers to it, so Kubernetes would not start the pod.',
    fix: 'Add it, or correct the name.',
  },
  MESH4202: {
    title: 'A key of a ConfigMap or Secret is used by nothing',
    meaning: 'No container takes it, so a change there would change nothing.',
    fix: 'Remove it, or use it.',
  },
  MESH4203: {
    title: 'A Service selects nothing',
    meaning: 'No pod has the labels that it looks for, so its address leads nowhere.',
    fix: 'Make the selector match the labels of the pods.',
  },
  MESH4204: {
    title: 'A port leads to nothing',
    meaning: 'A Service or an Ingress leads to a port that no container or Service there opens.',
    fix: 'Name a port that is open.',
  },
  MESH4205: {
    title: 'A NetworkPolicy blocks a declared need',
    meaning: 'A service may not reach another one that it needs.',
    fix: 'Admit the traffic in the policies of both sides, or remove the need.',
  },
  MESH4206: {
    title: 'A NetworkPolicy admits what is not declared',
    meaning: 'A service may reach another one that it does not need.',
    fix: 'Declare the need, or do not admit the traffic.',
  },
  MESH4207: {
    title: 'A probe asks a port that nobody opens',
    meaning: 'The container does not declare that port, so the pod would never be ready or be restarted for ever.',
    fix: 'Name a port that the container opens.',
  },
  MESH4208: {
    title: 'A selector does not fit',
    meaning:
      'A workload does not select its own pods, selects those of another one too, or selects by a label that changes with a release, which Kubernetes refuses to change.',
    fix: 'Select by labels that stay the same and that only these pods have.',
  },
  MESH4209: {
    title: 'An object is there twice',
    meaning: 'Two objects have the same kind, namespace and name: the second one overwrites the first.',
    fix: 'Rename or remove one of them.',
  },
  MESH4210: {
    title: 'An object refers to one that does not exist',
    meaning: 'An autoscaler, a disruption budget, an Ingress or a pod names an object that is not there.',
    fix: 'Correct the name, or add the object.',
  },
  MESH4211: {
    title: 'Values and templates of the chart do not fit',
    meaning: 'A value is used by no template, or a template uses one that `values.yaml` does not have.',
    fix: 'Remove the value, or use it; add what is missing to `values.yaml`.',
  },
  MESH4212: {
    title: 'An object is not valid for Kubernetes',
    meaning: 'A field is unknown, missing or of the wrong type for the version of Kubernetes that mesh writes for.',
    fix: 'Correct the field that the message names.',
  },
  MESH4213: {
    title: 'Objects of one service disagree about a label',
    meaning: 'A common label has another value than in the other objects.',
    fix: 'Give it the same value in all objects.',
  },
} as const satisfies Record<string, CatalogueEntry>;
