// Package config reads the configuration: one YAML file with strict keys. All problems are reported at once, each with
// its line, column and key ([Load]). A value that is exactly ${NAME} is taken from the environment, one that is
// ${file:PATH} from a file, and a secret that is written out is refused.
//
// Policies and files of facts are read here, too, so that all files that people write are treated alike: any editor
// may have saved them, and invisible characters are refused.
package config
