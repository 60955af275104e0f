package io.sparkgrad.examples;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cells of notebooks in Scala's REPL, on a standalone master with two workers. */
@Tag("cluster")
class CellsIT {
  private static final Path FOLDER = Path.of("target", "cells").toAbsolutePath();
  private static StandaloneCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    FileUtil.fullyDelete(FOLDER.toFile());
    cluster = new StandaloneCluster(ScalaRepl.jarsWithoutOurs(), "2.13", FOLDER);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void hardCells() throws Exception {
    run(ScalaCells.ofPage(Path.of("src/test/resources/cells/hard.scala")), "hard");
  }

  /** README's cell and both notes in one session, as one does after the other. */
  @Test
  void notes() throws Exception {
    List<String> cells = new ArrayList<>(Snippet.scala(Files.readString(Path.of("../README.md"))));
    cells.addAll(NotebooksTest.cells("autograd"));
    cells.addAll(NotebooksTest.cells("train"));
    run(new ScalaCells(cells), "notes");
  }

  private static void run(ScalaCells cells, String name) throws Exception {
    List<String> settings = new ArrayList<>(cluster.settings());
    settings.add("spark.jars=" + AppJar.FILE.getAbsolutePath());
    String classPath =
        AppJar.FILE.getAbsolutePath() + File.pathSeparator + ScalaRepl.jarsWithoutOurs();
    ScalaRepl.ofZeppelin(classPath, cluster.url(), settings).run(cells, FOLDER.resolve(name));
  }
}
