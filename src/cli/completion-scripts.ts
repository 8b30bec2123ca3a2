/** One script a shell. Each asks `mesh __complete` at every Tab, so services are those of the manifest at hand. */
export const COMPLETION_SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# Completion of mesh for bash. Load it with: source <(mesh completion bash)
_mesh() {
  local IFS=$'\\n'
  COMPREPLY=($(mesh __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _mesh mesh
`,
  zsh: `#compdef mesh
# Completion of mesh for zsh. Load it with: source <(mesh completion zsh)
_mesh() {
  local -a found
  found=("\${(@f)$(mesh __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _mesh mesh
`,
  fish: `# Completion of mesh for fish. Keep it with: mesh completion fish > ~/.config/fish/completions/mesh.fish
function __mesh_complete
  set -l words (commandline -opc) (commandline -ct)
  mesh __complete -- $words[2..-1] 2>/dev/null
end
complete -c mesh -f -a '(__mesh_complete)'
`,
};
