package io.mysqlmonitor.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file with one secret, as Docker and Kubernetes mount them. */
final class SecretFile {

    private static final int MAX_BYTES = 65_536;

    private SecretFile() {}

    /**
     * The text of the file without the line break at its end.
     *
     * @throws IllegalArgumentException if there is none that can be read; the message says why, and shows nothing of it
     */
    static String read(String file) {
        byte[] content;
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            content = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("does not exist", e);
        } catch (AccessDeniedException e) {
            throw new IllegalArgumentException("may not be read by this user", e);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("is not the name of a file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be read", e);
        }
        if (content.length > MAX_BYTES) {
            throw new IllegalArgumentException("is larger than 64KB, and so no secret");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("is not UTF-8 text", e);
        }
        String secret = text.replaceFirst("\r?\n\\z", "");
        if (secret.isEmpty()) {
            throw new IllegalArgumentException("is empty");
        }
        return secret;
    }
}
