/** The public API: read a manifest, resolve it, render it. Everything else is the command line's own. */
export type { Diagnostic, Outcome } from './diagnostics/diagnostic.ts';
export { InvalidInput, MeshError } from './diagnostics/mesh-error.ts';
export type { MeshEvent } from './execute/event.ts';
export { manifestJsonSchema } from './manifest/json-schema.ts';
export { type ReadOptions, type ReadResult, readManifest } from './manifest/read-manifest.ts';
export type { Manifest } from './manifest/schema.ts';
export type { Artefact } from './mesh/artefact.ts';
export type { Mesh, MeshNode } from './mesh/mesh.ts';
export { type ResolveInput, resolveMesh } from './mesh/resolve.ts';
export { renderCompose } from './render/compose/render-compose.ts';
export { renderDockerfiles } from './render/dockerfile/render-dockerfiles.ts';
export type { HelmMeshes } from './render/helm/chart.ts';
export { renderHelm } from './render/helm/render-helm.ts';
export { renderKubernetesInfrastructure } from './render/kubernetes/render-infrastructure.ts';
export { renderKubernetesServices } from './render/kubernetes/render-services.ts';
