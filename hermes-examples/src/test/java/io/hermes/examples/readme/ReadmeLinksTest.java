package io.hermes.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Links between documents lead somewhere. */
class ReadmeLinksTest {

  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

  @Test
  void everyRelativeLinkLeadsToAFileAndAHeadingThatIsThere() {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path document : Documents.all()) {
      Matcher matcher = LINK.matcher(Documents.prose(document));
      while (matcher.find()) {
        String link = matcher.group(1);
        if (link.contains("://")) {
          continue;
        }
        links++;
        if (!leadsSomewhere(document, link)) {
          broken.add(Documents.ROOT.relativize(document) + ": " + link);
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(30);
  }

  private static boolean leadsSomewhere(Path document, String link) {
    String file = link.replaceFirst("#.*", "");
    Path target = file.isEmpty() ? document : document.resolveSibling(file).normalize();
    if (!Files.exists(target)) {
      return false;
    }
    String anchor = link.contains("#") ? link.substring(link.indexOf('#') + 1) : "";
    return anchor.isEmpty() || anchors(target).contains(anchor);
  }

  /** As GitHub and GitLab make them of headings. */
  private static Set<String> anchors(Path document) {
    Set<String> anchors = new HashSet<>();
    Matcher matcher = HEADING.matcher(Documents.prose(document));
    while (matcher.find()) {
      String heading = matcher.group(1).toLowerCase(Locale.ROOT);
      anchors.add(heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'));
    }
    return anchors;
  }
}
