package io.hermes.cli.console;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Makes text from records safe for a terminal. */
public final class Text {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private Text() {}

  /** A time in the format that {@code --from} accepts. */
  public static String time(Instant time) {
    return TIME.format(time);
  }

  /** Text without characters that would move the cursor, change colors or reverse the line. */
  public static String printable(String text) {
    return printableLines(text).replace("\n", "\\u000a");
  }

  /** Like {@link #printable}, but keeps line breaks. In JSON, the escapes are JSON's own. */
  public static String printableLines(String text) {
    StringBuilder result = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              int kind = Character.getType(c);
              if ((kind == Character.CONTROL && c != '\n')
                  || kind == Character.FORMAT
                  || kind == Character.SURROGATE
                  || kind == Character.LINE_SEPARATOR
                  || kind == Character.PARAGRAPH_SEPARATOR) {
                result.append(String.format("\\u%04x", c));
              } else {
                result.appendCodePoint(c);
              }
            });
    return result.toString();
  }

  /** Bytes as text if they are UTF-8, otherwise null. */
  public static @Nullable String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Bytes as text that a terminal can show: UTF-8 if possible, otherwise hexadecimal. */
  public static String of(byte @Nullable [] bytes) {
    if (bytes == null) {
      return "-";
    }
    String text = utf8(bytes);
    return text == null ? "0x" + HexFormat.of().formatHex(bytes) : printable(text);
  }

  public static String cut(String text, int width) {
    return text.codePointCount(0, text.length()) <= width
        ? text
        : text.substring(0, text.offsetByCodePoints(0, Math.max(0, width - 3))) + "...";
  }

  static String right(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  public static String left(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }
}
