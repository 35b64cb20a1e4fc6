package io.hermes.spring;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A key and its self-signed certificate for 127.0.0.1, made by the JDK's keytool.
 *
 * @param store a PKCS #12 key store with both
 */
record Identity(Path store) {

  static final String PASSWORD = "correct-horse";

  private static final String ALIAS = "identity";

  static Identity make(Path folder, String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + name,
            "-ext",
            "san=ip:127.0.0.1",
            "-keystore",
            store.toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return new Identity(store);
  }

  private KeyStore load() throws Exception {
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      loaded.load(in, PASSWORD.toCharArray());
    }
    return loaded;
  }

  String certificatePem() throws Exception {
    return pem("CERTIFICATE", load().getCertificate(ALIAS).getEncoded());
  }

  String keyPem() throws Exception {
    return pem("PRIVATE KEY", load().getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
  }

  private static String pem(String what, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }

  /** A PKCS #12 trust store with the certificates of others. */
  static void writeTrustStore(Path file, Identity... trusted) throws Exception {
    KeyStore made = KeyStore.getInstance("PKCS12");
    made.load(null, null);
    for (Identity one : trusted) {
      made.setCertificateEntry(one.store.toString(), one.load().getCertificate(ALIAS));
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      made.store(out, PASSWORD.toCharArray());
    }
  }
}
