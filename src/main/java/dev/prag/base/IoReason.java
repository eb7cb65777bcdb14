package dev.prag.base;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Why reading or writing failed, in words: the message of many of Java's exceptions is the path alone, and the cause is
 * the name of the class.
 */
public final class IoReason {
    private IoReason() {}

    /** The reason, such as "permission denied"; never empty, and without a path that the message holds already. */
    public static String of(Throwable e) {
        return switch (e) {
            case UncheckedIOException unchecked -> of(unchecked.getCause());
            case AccessDeniedException denied -> "permission denied";
            case NoSuchFileException missing -> "no such file or directory";
            case NotDirectoryException file -> "not a directory";
            case FileAlreadyExistsException there -> "it exists already";
            case DirectoryNotEmptyException full -> "the directory is not empty";
            case FileSystemLoopException loop -> "its links lead round in a circle";
            case FileSystemException other when other.getReason() != null -> lowerFirst(other.getReason());
            case FileNotFoundException missing -> parenthesised(missing.getMessage());
            case IOException other when other.getMessage() != null -> other.getMessage();
            default -> "input or output failed";
        };
    }

    /** Of {@code path (Permission denied)} what stands in parentheses. */
    private static String parenthesised(String message) {
        int open = message == null ? -1 : message.lastIndexOf('(');
        return open >= 0 && message.endsWith(")")
                ? lowerFirst(message.substring(open + 1, message.length() - 1))
                : "no such file or directory";
    }

    private static String lowerFirst(String words) {
        return words.isEmpty() ? words : Character.toLowerCase(words.charAt(0)) + words.substring(1);
    }
}
