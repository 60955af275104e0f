package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Java or Scala in a page: found between fences; Java is compiled as it stands there. */
record Snippet(String code, String output) {
  private static final Pattern SCALA = Pattern.compile("(?s)```scala\n(.*?)```");
  private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```(?:\n```\n(.*?)```)?");

  /** Each with the text block right behind it, its output; null if there is none. */
  static List<Snippet> of(String page) {
    List<Snippet> found = new ArrayList<>();
    Matcher m = JAVA.matcher(page);
    while (m.find()) found.add(new Snippet(m.group(1), m.group(2)));
    return found;
  }

  static List<String> scala(String page) {
    return SCALA.matcher(page).results().map(m -> m.group(1)).toList();
  }

  static void compile(String className, String source, Path out) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of("-d", out.toString(), "-proc:none", "-cp", System.getProperty("java.class.path"));
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///" + className + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    boolean compiled = compiler.getTask(messages, null, null, options, null, List.of(file)).call();
    assertTrue(compiled, messages::toString);
  }
}
