package io.hermes.release;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** A pom, as it is in a repository. */
record Pom(String text, Document document) {

  static Pom read(Path file) {
    try {
      return new Pom(
          Files.readString(file),
          DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ParserConfigurationException | SAXException e) {
      throw new IllegalStateException(file.toString(), e);
    }
  }

  boolean has(String path) {
    return nodes(path).getLength() > 0;
  }

  /** Group, artifact and scope of the dependencies in an element. */
  List<String> dependencies(String path) {
    NodeList nodes = nodes(path + "/dependencies/dependency");
    List<String> dependencies = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      dependencies.add(
          text("groupId", nodes.item(i))
              + ":"
              + text("artifactId", nodes.item(i))
              + ":"
              + text("scope", nodes.item(i)));
    }
    return dependencies;
  }

  private NodeList nodes(String path) {
    try {
      return (NodeList) xpath().evaluate(path, document, XPathConstants.NODESET);
    } catch (XPathExpressionException e) {
      throw new IllegalArgumentException(path, e);
    }
  }

  private static String text(String path, Object node) {
    try {
      return xpath().evaluate(path, node);
    } catch (XPathExpressionException e) {
      throw new IllegalArgumentException(path, e);
    }
  }

  private static XPath xpath() {
    return XPathFactory.newInstance().newXPath();
  }
}
