/**
 * The command line. {@link dev.prag.cli.Main} parses before anything starts; commands that work on a home
 * ({@link dev.prag.cli.ServiceCommand}) then run inside the service, all others without it. Standard output carries
 * results, standard error everything else.
 */
package dev.prag.cli;
