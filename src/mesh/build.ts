/** What a build may see beyond its context. */
export interface BuildAccess {
  /** Secrets of the mesh that steps can mount. */
  readonly secrets?: readonly string[] | undefined;
  /** Whether it gets the certificate authority of this machine; what fits its kind when missing. */
  readonly trust?: 'host' | 'none' | undefined;
}

/** How an image is made. Paths are relative to the project root, with forward slashes, `.` for the root itself. */
export type Build = BuildAccess & BuildRecipe;

type BuildRecipe =
  | {
      readonly kind: 'dotnet';
      /** The project's folder. */
      readonly project: string;
      /** The project file's name without `.csproj`; also the name of its dll. */
      readonly assembly: string;
      readonly context: string;
      /** The folders of the projects that it refers to, each after those that it refers to itself; its sources know better. */
      readonly references?: readonly string[] | undefined;
      readonly sdkImage: string;
      readonly runtimeImage: string;
    }
  | {
      readonly kind: 'node';
      /** The folder that holds package.json. */
      readonly context: string;
      /** The script that the final stage runs, relative to the context. */
      readonly entry: string;
      /** The npm script that compiles it; none when there is nothing to compile. */
      readonly script?: string | undefined;
      readonly baseImage: string;
      /** npm when missing. */
      readonly manager?: 'npm' | 'pnpm' | 'yarn' | undefined;
      /** The root of the workspace that the package is in; it has the lock file. */
      readonly workspace?: string | undefined;
    }
  | {
      readonly kind: 'dockerfile';
      readonly dockerfile: string;
      readonly context: string;
      readonly target?: string | undefined;
      readonly args: Readonly<Record<string, string>>;
    };

/** The folder that Docker's build sees: that of the package, or the whole workspace that it is a part of. */
export function buildContext(build: Build): string {
  return build.kind === 'node' ? (build.workspace ?? build.context) : build.context;
}
