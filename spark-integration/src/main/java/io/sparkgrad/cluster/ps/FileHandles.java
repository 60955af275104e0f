package io.sparkgrad.cluster.ps;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The file handles of this process, for texts: sockets are among them. */
final class FileHandles {
  private FileHandles() {}

  static String text() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        ? "%,d of %,d file handles are open"
            .formatted(system.getOpenFileDescriptorCount(), system.getMaxFileDescriptorCount())
        : "file handles unknown";
  }
}
