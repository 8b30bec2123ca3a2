/** What goes into a container for a build. Paths are relative to the root of the mesh, with forward slashes. */
export interface Input {
  readonly path: string;
  /** `pattern`: as COPY understands it; it may match nothing. */
  readonly kind: 'file' | 'folder' | 'pattern';
}

/** A project with all that it is made from. Paths are relative to the root of the mesh, with forward slashes. */
export interface SourceProject {
  /** The project file; everything in its folder is the project's own. */
  readonly file: string;
  /** Its published files include settings such as appsettings.json. */
  readonly isApplication: boolean;
  /** The project files that it refers to itself. */
  readonly references: readonly string[];
  /** What `dotnet restore` reads of it, the project file first. */
  readonly restoreInputs: readonly Input[];
  /** What only a build reads, and what lies outside of its folder. */
  readonly buildInputs: readonly Input[];
}

/** A service's project and all that it refers to, directly or not. */
export interface ProjectClosure {
  /** Where it is known from: the project files themselves, or `references` in the manifest. */
  readonly from: 'projects' | 'manifest';
  readonly service: SourceProject;
  /** Each after those that it refers to. */
  readonly libraries: readonly SourceProject[];
}

/** Node → what its image is built from. */
export type ProjectClosures = ReadonlyMap<string, ProjectClosure>;
