package io.hermes.spring.test;

import io.hermes.spring.HermesListener;
import io.hermes.subscribe.AsyncHandler;
import io.hermes.subscribe.BatchHandler;
import io.hermes.subscribe.Handler;
import io.hermes.subscribe.PipeHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.boot.test.context.filter.annotation.StandardAnnotationCustomizableTypeExcludeFilter;
import org.springframework.core.type.ClassMetadata;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;

/** Excludes components that do not handle events. */
final class HermesTypeExcludeFilter
    extends StandardAnnotationCustomizableTypeExcludeFilter<HermesTest> {

  HermesTypeExcludeFilter(Class<?> testClass) {
    super(testClass);
  }

  @Override
  protected Set<Class<?>> getKnownIncludes() {
    return Set.of(Handler.class, AsyncHandler.class, BatchHandler.class, PipeHandler.class);
  }

  @Override
  protected boolean defaultInclude(MetadataReader reader, MetadataReaderFactory factory)
      throws IOException {
    return super.defaultInclude(reader, factory) || listens(reader, factory);
  }

  /** Whether the class has or inherits a listener method. */
  private static boolean listens(MetadataReader reader, MetadataReaderFactory factory)
      throws IOException {
    if (reader.getAnnotationMetadata().hasAnnotatedMethods(HermesListener.class.getName())) {
      return true;
    }
    ClassMetadata type = reader.getClassMetadata();
    List<String> parents = new ArrayList<>(List.of(type.getInterfaceNames()));
    if (type.getSuperClassName() != null) {
      parents.add(type.getSuperClassName());
    }
    for (String parent : parents) {
      if (!parent.startsWith("java.") && listens(factory.getMetadataReader(parent), factory)) {
        return true;
      }
    }
    return false;
  }
}
