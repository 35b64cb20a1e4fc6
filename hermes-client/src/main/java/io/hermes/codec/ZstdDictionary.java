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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A trained ZSTD dictionary: what events have in common, so that it need not be in every frame. Its
 * bytes are a plain dictionary file, such as {@code zstd --train} makes.
 *
 * <p>Every frame that is made with it carries its id, so an id must never get other bytes. Of
 * several dictionaries the one with the highest id is the newest: it writes, all read. Give a new
 * one to every reader before the first writer has it. Immutable, safe for any thread.
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
   * @param bytes what a dictionary file has; copied
   * @return the dictionary
   * @throws SettingsException if it is no trained dictionary, or its id is none of {@value #MIN_ID}
   *     to 2147483647
   */
  public static ZstdDictionary of(byte[] bytes) {
    return checked(bytes.clone(), "The ZSTD dictionary");
  }

  /**
   * The dictionaries in a directory, or that in a file.
   *
   * @param path a file, or a directory whose files are all dictionaries
   * @return the dictionaries
   * @throws SettingsException if there is none, one cannot be read, or as {@link #of(byte[])}
   */
  public static List<ZstdDictionary> load(Path path) {
    List<ZstdDictionary> found = new ArrayList<>();
    try (Stream<Path> files = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
      // Names with a dot in front are not for us; a mounted Kubernetes ConfigMap has such.
      for (Path file :
          (Iterable<Path>) files.filter(ZstdDictionary::isVisible).sorted()::iterator) {
        try (InputStream in = Files.newInputStream(file)) {
          found.add(read(in, "The ZSTD dictionary " + file));
        }
      }
    } catch (IOException e) {
      throw new SettingsException("ZSTD dictionaries cannot be read from " + path + ": " + e, e);
    }
    if (found.isEmpty()) {
      throw new SettingsException(path + " has no ZSTD dictionary in it.", null);
    }
    return found;
  }

  /**
   * A dictionary that a jar carries.
   *
   * @param name a resource's full name, such as {@code META-INF/hermes/user-events.zdict}
   * @return the dictionary
   * @throws SettingsException if there is no such resource, or as {@link #of(byte[])}
   */
  public static ZstdDictionary resource(String name) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? ZstdDictionary.class.getClassLoader() : context;
    try (InputStream in = loader.getResourceAsStream(name)) {
      if (in == null) {
        throw new SettingsException("No jar has the ZSTD dictionary " + name + ".", null);
      }
      return read(in, "The ZSTD dictionary " + name);
    } catch (IOException e) {
      throw new SettingsException("The ZSTD dictionary " + name + " cannot be read: " + e, e);
    }
  }

  /**
   * Trains a dictionary. A thousand events that differ as the topic's do are a good number; for
   * less than about ten there is nothing to learn.
   *
   * @param samples plain values
   * @param maxBytes what the dictionary may take; 16 KiB is a good size for small events
   * @param id its id, higher than that of any dictionary in use with the topic
   * @return the dictionary
   * @throws SettingsException if the samples are too few for that, or a number is out of its range
   */
  public static ZstdDictionary train(Collection<byte[]> samples, int maxBytes, int id) {
    checkId(id, "The ZSTD dictionary");
    if (maxBytes < MIN_TRAINED_BYTES || maxBytes > MAX_BYTES) {
      throw new SettingsException(
          "The ZSTD dictionary is to have "
              + maxBytes
              + " bytes; ask for "
              + MIN_TRAINED_BYTES
              + " to "
              + MAX_BYTES
              + ".",
          null);
    }
    byte[] trained = new byte[maxBytes];
    long length;
    try {
      length = Zstd.trainFromBuffer(samples.toArray(new byte[0][]), trained);
    } catch (ZstdException e) { // older versions return its code instead
      length = -Math.abs(e.getErrorCode());
    }
    if (Zstd.isError(length)) {
      throw new SettingsException(
          "No ZSTD dictionary of "
              + maxBytes
              + " bytes can be made of "
              + samples.size()
              + " samples: "
              + Zstd.getErrorName(length)
              + ". Take more of them, or ask for a smaller one.",
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
      throw new SettingsException(what + " has more than " + MAX_BYTES + " bytes.", null);
    }
    long id = Zstd.getDictIdFromDict(bytes); // 0 for what zstd would take as raw content
    if (id == 0) {
      throw new SettingsException(
          what + " is no trained dictionary: make one with `./hermes dictionary train`.", null);
    }
    checkId(id, what);
    try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
      context.loadDict(bytes);
    } catch (ZstdException e) {
      throw new SettingsException(what + " is damaged.", e);
    }
    return new ZstdDictionary((int) id, bytes);
  }

  private static void checkId(long id, String what) {
    if (id < MIN_ID || id > Integer.MAX_VALUE) {
      throw new SettingsException(
          what + " has the id " + id + "; use " + MIN_ID + " to " + Integer.MAX_VALUE + ".", null);
    }
  }

  /** The id that frames made with it carry. */
  public int id() {
    return id;
  }

  /** The dictionary file's bytes; a copy. */
  public byte[] toBytes() {
    return content.clone();
  }

  /** The bytes themselves, which nobody may change. */
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
