package dev.prag.cli;

import dev.prag.cli.model.ModelCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The top of the command line. */
@Command(
        name = "prag",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Parametric RAG: puts your documents into the weights of a language model, as one small LoRA adapter a"
                    + " passage, and answers questions with the adapters of the passages it retrieves.",
            ""
        },
        footer = {
            "",
            "First steps:",
            "  prag demo                           see it work on a small made-up encyclopedia",
            "  prag ingest notes/ && prag encode   read your own documents, then train their adapters",
            "  prag ask \"Who founded it?\"          answer a question from them",
            "  prag serve                          the same over HTTP, on 127.0.0.1:8080",
            "",
            "Without --model (or PRAG_MODEL) every command uses the small demo model, which knows nothing but its own"
                    + " made-up world. Exit code 2 means that the input was at fault, 1 that something else was."
        },
        subcommands = {
            DemoCommand.class,
            IngestCommand.class,
            EncodeCommand.class,
            AskCommand.class,
            EvaluateCommand.class,
            StatusCommand.class,
            ServeCommand.class,
            IndexCommand.class,
            AdapterCommand.class,
            ModelCommand.class,
            BenchCommand.class,
            HelpCommand.class
        })
public final class PragCommand {}
