import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * YARN's daemons in one process: writes their configuration into a folder, and ends with its
 * standard input.
 */
public class MiniYarn {
  public static void main(String[] args) throws Exception {
    YarnConfiguration conf = new YarnConfiguration();
    conf.set("yarn.scheduler.capacity.root.queues", "default");
    conf.set("yarn.scheduler.capacity.root.default.capacity", "100");
    conf.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, 8192);
    conf.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    conf.setBoolean(
        YarnConfiguration.NM_DISK_HEALTH_CHECK_ENABLE, false); // a disk that is 90 % full will do
    try { // a failed start leaves threads that keep the process
      MiniYARNCluster cluster = new MiniYARNCluster("mini", 1, 1, 1);
      cluster.init(conf);
      cluster.start();
      if (!cluster.waitForNodeManagersToConnect(60_000)) throw new IllegalStateException("no node");
      try (OutputStream file = Files.newOutputStream(Path.of(args[0], "yarn-site.xml"))) {
        cluster.getConfig().writeXml(file);
      }
      System.out.println("YARN is ready");
      while (System.in.read() >= 0) continue;
      System.exit(0);
    } catch (Throwable e) {
      e.printStackTrace();
      System.exit(1);
    }
  }
}
