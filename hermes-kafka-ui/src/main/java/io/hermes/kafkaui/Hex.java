package io.hermes.kafkaui;

import java.util.Arrays;
import java.util.HexFormat;

/** Shows bytes that cannot be decoded. */
final class Hex {

  static final int MAX_BYTES = 1024;

  private Hex() {}

  static String of(byte[] bytes) {
    String hex = HexFormat.of().formatHex(Arrays.copyOf(bytes, Math.min(bytes.length, MAX_BYTES)));
    return bytes.length <= MAX_BYTES
        ? hex
        : hex + "... (the first " + MAX_BYTES + " of " + bytes.length + " bytes)";
  }

  static String undecodable(String reason, String hex) {
    StringBuilder json = new StringBuilder("{\"undecodable\":\"");
    for (int i = 0; i < reason.length(); i++) {
      char c = reason.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else {
        json.append(c < ' ' ? ' ' : c);
      }
    }
    return json.append("\",\"hex\":\"").append(hex).append("\"}").toString();
  }
}
