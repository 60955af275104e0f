package io.sparkgrad.dataset;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Files of images in one folder a class, as torchvision's ImageFolder: classes and files in the
 * order of their names, files also in folders below.
 *
 * @param classes names of the folders, in order
 * @param samples files, class after class
 */
public record ImageFolder(List<String> classes, List<Sample> samples) {
  private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".gif", ".bmp");

  /** A file, and the place of its class among the classes. */
  public record Sample(Path file, int label) {}

  /**
   * Looks through a folder; reads no image.
   *
   * @throws IllegalArgumentException if it has no folders, or one of them no image
   */
  public static ImageFolder of(Path root) throws IOException {
    List<Path> folders =
        list(root, 1).filter(Files::isDirectory).filter(p -> !p.equals(root)).toList();
    if (folders.isEmpty())
      throw new IllegalArgumentException(root + " has no folders: one is wanted for each class");
    List<Sample> samples = new ArrayList<>();
    for (int label = 0; label < folders.size(); label++) {
      int before = samples.size();
      for (Path file : (Iterable<Path>) list(folders.get(label), Integer.MAX_VALUE)::iterator)
        if (isImage(file)) samples.add(new Sample(file, label));
      if (samples.size() == before)
        throw new IllegalArgumentException(
            "%s has no image: their names end in %s".formatted(folders.get(label), ENDINGS));
    }
    return new ImageFolder(
        folders.stream().map(f -> f.getFileName().toString()).toList(), List.copyOf(samples));
  }

  /* By name, whatever the file system's order is. */
  private static Stream<Path> list(Path folder, int depth) throws IOException {
    try (Stream<Path> found = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
      Path[] paths = found.toArray(Path[]::new);
      Arrays.sort(paths);
      return Stream.of(paths);
    }
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith) && Files.isRegularFile(file);
  }
}
