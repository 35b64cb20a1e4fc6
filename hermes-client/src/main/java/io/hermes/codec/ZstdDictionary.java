package io.hermes.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.hermes.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A trained ZSTD dictionary: data common to many events, which frames then need not repeat. Its
 * bytes are a standard dictionary file, as {@code zstd --train} creates it.
 *
 * <p>Every frame compressed with it carries its id, so never reuse an id for a different
 * dictionary. Of several dictionaries, the one with the highest id is the newest: it is used for
 * writing, and all of them for reading. Deploy a new dictionary to every reader before you deploy
 * it to a writer. Immutable, safe for any thread.
 */
public final class ZstdDictionary {

  /** The lowest id; those below it are reserved for public dictionaries. */
  public static final int MIN_ID = 1 << 15;

  private static final int ID_POSITION = 4;
  private static final int MIN_TRAINED_BYTES = 1 << 10;
  private static final int MAX_BYTES = 10 << 20;

  private final int id;
  private final byte[] content;

  private ZstdDictionary(int id, byte[] content) {
    this.id = id;
    this.content = content;
  }

  /**
   * A dictionary from its bytes.
   *
   * @param bytes the content of a dictionary file; copied
   * @return the dictionary
   * @throws SettingsException if it is not a trained dictionary, or its id is not between {@value
   *     #MIN_ID} and 2147483647
   */
  public static ZstdDictionary of(byte[] bytes) {
    return checked(bytes.clone(), "The ZSTD dictionary");
  }

  /**
   * The dictionaries in a directory, or the one in a file.
   *
   * @param path a file, or a directory whose files are all dictionaries
   * @return the dictionaries
   * @throws SettingsException if no dictionary is found, one cannot be read, or one is invalid as
   *     in {@link #of(byte[])}
   */
  public static List<ZstdDictionary> load(Path path) {
    List<ZstdDictionary> found = new ArrayList<>();
    try (Stream<Path> files = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
      // Hidden files are skipped; a mounted Kubernetes ConfigMap contains some.
      for (Path file :
          (Iterable<Path>) files.filter(ZstdDictionary::isVisible).sorted()::iterator) {
        try (InputStream in = Files.newInputStream(file)) {
          found.add(read(in, "The ZSTD dictionary " + file));
        }
      }
    } catch (IOException e) {
      throw new SettingsException(
          e instanceof NoSuchFileException
              ? "There is no ZSTD dictionary " + path + "."
              : "Cannot read ZSTD dictionaries from " + path + ": " + e,
          "Correct the path to a dictionary or a folder of dictionaries.",
          e);
    }
    if (found.isEmpty()) {
      throw new SettingsException(
          path + " contains no ZSTD dictionary.",
          "Put the files of the topic's dictionaries there.",
          null);
    }
    return found;
  }

  /**
   * A dictionary from a class path resource.
   *
   * @param name a resource's full name, such as {@code META-INF/hermes/user-events.zdict}
   * @return the dictionary
   * @throws SettingsException if the resource does not exist, or is invalid as in {@link
   *     #of(byte[])}
   */
  public static ZstdDictionary resource(String name) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? ZstdDictionary.class.getClassLoader() : context;
    try (InputStream in = loader.getResourceAsStream(name)) {
      if (in == null) {
        throw new SettingsException(
            "The class path does not contain the ZSTD dictionary %s.".formatted(name),
            "Add the resource, or correct its name.",
            null);
      }
      return read(in, "The ZSTD dictionary " + name);
    } catch (IOException e) {
      throw new SettingsException("The ZSTD dictionary " + name + " cannot be read: " + e, e);
    }
  }

  /**
   * Trains a dictionary. Use about a thousand events that are representative of the topic; fewer
   * than about ten are not enough.
   *
   * @param samples plain values
   * @param maxBytes the maximum size of the dictionary; 16 KiB is a good size for small events
   * @param id its id, higher than the id of any dictionary in use for the topic
   * @return the dictionary
   * @throws SettingsException if there are too few samples, or an argument is out of range
   */
  public static ZstdDictionary train(Collection<byte[]> samples, int maxBytes, int id) {
    checkId(id, "The ZSTD dictionary");
    if (maxBytes < MIN_TRAINED_BYTES || maxBytes > MAX_BYTES) {
      throw new SettingsException(
          "The requested size of the ZSTD dictionary is %d bytes; it must be %d to %d."
              .formatted(maxBytes, MIN_TRAINED_BYTES, MAX_BYTES),
          null);
    }
    byte[] trained = new byte[maxBytes];
    long length;
    try {
      length = Zstd.trainFromBuffer(samples.toArray(new byte[0][]), trained);
    } catch (ZstdException e) { // older versions return an error code instead
      length = -Math.abs(e.getErrorCode());
    }
    if (Zstd.isError(length)) {
      throw new SettingsException(
          "Cannot train a ZSTD dictionary of %d bytes from %d samples: %s."
              .formatted(maxBytes, samples.size(), Zstd.getErrorName(length)),
          "Use more samples, or a smaller size.",
          null);
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(trained, 0, (int) length).putInt(ID_POSITION, id);
    return checked(bytes.array(), "The trained ZSTD dictionary");
  }

  private static boolean isVisible(Path file) {
    return !Objects.toString(file.getFileName()).startsWith(".") && !Files.isDirectory(file);
  }

  private static ZstdDictionary read(InputStream in, String what) throws IOException {
    return checked(in.readNBytes(MAX_BYTES + 1), what);
  }

  private static ZstdDictionary checked(byte[] bytes, String what) {
    if (bytes.length > MAX_BYTES) {
      throw new SettingsException(
          "%s has more than %d bytes.".formatted(what, MAX_BYTES), "Train a smaller one.", null);
    }
    long id = Zstd.getDictIdFromDict(bytes); // 0 if zstd would treat it as raw content
    if (id == 0) {
      throw new SettingsException(
          what + " is not a trained dictionary.",
          "Create one with `./hermes dictionary train`.",
          null);
    }
    checkId(id, what);
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      context.loadDict(bytes);
    } catch (ZstdException e) {
      throw new SettingsException(
          what + " is corrupt.", "Copy it again from where it was trained.", e);
    }
    return new ZstdDictionary((int) id, bytes);
  }

  private static void checkId(long id, String what) {
    if (id < MIN_ID || id > Integer.MAX_VALUE) {
      throw new SettingsException(
          "%s has the id %d; it must be %d to %d.".formatted(what, id, MIN_ID, Integer.MAX_VALUE),
          "Train it with another id.",
          null);
    }
  }

  /** The id in the frames that are compressed with it. */
  public int id() {
    return id;
  }

  /** The dictionary file's bytes; a copy. */
  public byte[] toBytes() {
    return content.clone();
  }

  /** The array itself; must not be modified. */
  byte[] content() {
    return content;
  }

  boolean hasSameBytes(ZstdDictionary other) {
    return Arrays.equals(content, other.content);
  }

  /** Id and size. */
  @Override
  public String toString() {
    return "ZstdDictionary[" + id + ", " + content.length + " bytes]";
  }
}
