package io.hermes.benchmarks;

import com.github.luben.zstd.ZstdCompressCtx;
import com.sun.management.OperatingSystemMXBean;
import io.hermes.testkit.KafkaCluster;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Finds the size from which it pays to compress a value separately from its batch, which is the
 * limit of {@code AUTO}. It publishes values of many sizes to a broker in its own JVM, alternately
 * plain and as ZSTD frames, both in batches of 64 KiB with ZSTD level 1. It prints the median
 * ratios of frames to plain values for time, CPU time and bytes. Below 1.00 the frames win.
 */
public final class AutoSize {

  private static final int[] SIZES = {4, 8, 16, 32, 64, 128, 512};
  private static final int ROUNDS = 5;
  private static final long ROUND_BYTES = 32 << 20;

  private AutoSize() {}

  public static void main(String[] args) {
    int[] levels =
        args.length == 0
            ? new int[] {1, 3}
            : Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
    try (KafkaCluster cluster = KafkaCluster.builder().brokers(1).start()) {
      for (String corpus : List.of("text", "tokens")) {
        for (int kib : SIZES) {
          compare(cluster, corpus, kib << 10, levels);
        }
      }
    }
  }

  private record Cost(double seconds, double cpuSeconds, double bytes) {}

  private static void compare(KafkaCluster cluster, String corpus, int size, int[] levels) {
    List<byte[]> values = values(corpus, size);
    List<List<Cost>> costs = new ArrayList<>(); // for plain values, then for each level
    for (int i = 0; i <= levels.length; i++) {
      costs.add(new ArrayList<>());
    }
    for (int round = -1; round < ROUNDS; round++) {
      for (int i = 0; i <= levels.length; i++) {
        int level = i == 0 ? 0 : levels[i - 1];
        Cost cost = publish(cluster, values, level, round < 0 ? ROUND_BYTES / 4 : ROUND_BYTES);
        if (round >= 0) {
          costs.get(i).add(cost);
        }
      }
    }
    for (int l = 0; l < levels.length; l++) {
      double[] time = new double[ROUNDS];
      double[] cpu = new double[ROUNDS];
      double[] bytes = new double[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        Cost plain = costs.get(0).get(i);
        Cost framed = costs.get(l + 1).get(i);
        time[i] = framed.seconds / plain.seconds;
        cpu[i] = framed.cpuSeconds / plain.cpuSeconds;
        bytes[i] = framed.bytes / plain.bytes;
      }
      System.out.printf(
          "%-6s %4d KiB  level %d  time %.2f  cpu %.2f  bytes %.2f%n",
          corpus, size >> 10, levels[l], median(time), median(cpu), median(bytes));
    }
  }

  private static Cost publish(KafkaCluster cluster, List<byte[]> values, int level, long total) {
    String topic = "auto-" + System.nanoTime();
    cluster.createTopic(
        topic, 3, Map.of("retention.bytes", "1000000", "segment.bytes", "67108864"));
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (KafkaProducer<byte[], byte[]> producer = producer(cluster);
        ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setChecksum(true).setLevel(Math.max(1, level));
      producer.partitionsFor(topic);
      long cpu = system.getProcessCpuTime();
      long start = System.nanoTime();
      long sent = 0;
      for (int i = 0; sent < total; i++) {
        byte[] value = values.get(i % values.size());
        sent += value.length;
        byte[] written = level == 0 ? value : context.compress(value);
        var unused = producer.send(new ProducerRecord<>(topic, written));
      }
      producer.flush();
      return new Cost(
          (System.nanoTime() - start) / 1e9,
          (system.getProcessCpuTime() - cpu) / 1e9,
          producer.metrics().entrySet().stream()
              .filter(
                  metric ->
                      metric.getKey().name().equals("outgoing-byte-total")
                          && metric.getKey().group().equals("producer-metrics"))
              .mapToDouble(metric -> (double) metric.getValue().metricValue())
              .sum());
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(KafkaCluster cluster) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", cluster.bootstrapServers());
    properties.put("compression.type", "zstd");
    properties.put("compression.zstd.level", 1);
    properties.put("batch.size", 64 << 10);
    properties.put("linger.ms", 5);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static List<byte[]> values(String corpus, int size) {
    Random random = new Random(size);
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < Math.max(8, Math.min(500, (32 << 20) / size)); i++) {
      String text = corpus.equals("text") ? Corpus.text(random, size) : Corpus.tokens(random, size);
      values.add(text.getBytes(StandardCharsets.UTF_8));
    }
    return values;
  }

  private static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
