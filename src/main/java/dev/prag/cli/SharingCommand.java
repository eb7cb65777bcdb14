package dev.prag.cli;

/** A command that works while another process has the home, too: it needs the database and no more than reads of the rest. */
public interface SharingCommand extends ServiceCommand {
    @Override
    default boolean sharesHome() {
        return true;
    }
}
