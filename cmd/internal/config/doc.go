// Package config reads the configuration: one YAML file with strict keys. Everything that is wrong with it is told at
// once, each problem with its line, its column and its key ([Load]). A value that is wholly ${NAME} comes from the
// environment, one that is ${file:PATH} from a file, and a secret that is written out is refused.
//
// Policies and files of facts are read here too, since all of these files are treated alike: any editor may have saved
// them, and what nobody sees in them is refused.
package config
