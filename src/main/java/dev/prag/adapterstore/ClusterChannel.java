package dev.prag.adapterstore;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.sql.DataSource;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.JDBC_PING2;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.SYM_ENCRYPT;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.util.StackType;
import org.jgroups.util.Util;

/**
 * What connects the processes of a cluster: JGroups over TCP. They find each other in the table {@code hot_member} of
 * the database; all that they say is encrypted and authenticated with a key that comes from their secret (ChaCha20 and
 * Poly1305, RFC 8439), so that who doesn't know it is neither heard nor let in.
 */
final class ClusterChannel {
    private static final String CIPHER = "ChaCha20-Poly1305";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;

    private ClusterChannel() {}

    /**
     * One that isn't connected yet.
     *
     * @param bindAddress address to listen on; one of a private network where there is none
     * @param port to listen on; where it is taken, one of those behind it
     */
    static JChannel of(DataSource database, String secret, Optional<String> bindAddress, int port) throws Exception {
        InetAddress address = bindAddress.isPresent() ? InetAddress.getByName(bindAddress.get()) : privateAddress();
        TCP tcp = new TCP();
        tcp.setBindAddress(address).setBindPort(port);
        SYM_ENCRYPT encrypt = new SYM_ENCRYPT();
        encrypt.setSecretKey(key(secret));
        // The key sets what it is for.
        encrypt.symAlgorithm(CIPHER).symIvLength(NONCE_BYTES);
        JChannel channel = new JChannel(
                tcp,
                members(database),
                new MERGE3().setMinInterval(5_000).setMaxInterval(15_000),
                new FD_SOCK2().setBindAddress(address),
                new FD_ALL3().setTimeout(10_000).setInterval(2_000),
                new VERIFY_SUSPECT2().setTimeout(1_000),
                encrypt,
                new NAKACK2(),
                new UNICAST3(),
                new STABLE().setMaxBytes(1 << 20),
                new GMS().printLocalAddress(false).setJoinTimeout(1_000).setMaxJoinAttempts(3),
                new UFC().setMaxCredits(8 << 20),
                new MFC().setMaxCredits(8 << 20),
                new FRAG4().setFragSize(60_000));
        // They would answer anybody, by multicast and in the clear.
        tcp.disableDiagnostics();
        return channel;
    }

    private static InetAddress privateAddress() throws Exception {
        for (Util.AddressScope scope : new Util.AddressScope[] {
            Util.AddressScope.SITE_LOCAL, Util.AddressScope.NON_LOOPBACK, Util.AddressScope.LOOPBACK
        }) {
            InetAddress found = Util.getAddress(scope, StackType.IPv4);
            if (found != null) {
                return found;
            }
        }
        return InetAddress.getLoopbackAddress();
    }

    private static JDBC_PING2 members(DataSource database) {
        return new JDBC_PING2()
                .setDataSource(database)
                .setInitializeSql(null)
                .setInsertSingleSql(
                        "INSERT INTO hot_member (address, name, cluster, ip, coordinator)" + " VALUES (?, ?, ?, ?, ?)")
                .setDeleteSingleSql("DELETE FROM hot_member WHERE address = ?")
                .setClearSql("DELETE FROM hot_member WHERE cluster = ?")
                .setSelectAllPingdataSql("SELECT address, name, ip, coordinator FROM hot_member WHERE cluster = ?");
    }

    /** By HKDF with SHA-256 (RFC 5869). */
    private static SecretKey key(String secret) throws GeneralSecurityException {
        HKDFParameterSpec how = HKDFParameterSpec.ofExtract()
                .addIKM(secret.getBytes(StandardCharsets.UTF_8))
                .thenExpand("prag hot tier".getBytes(StandardCharsets.UTF_8), KEY_BYTES);
        return KDF.getInstance("HKDF-SHA256").deriveKey(CIPHER, how);
    }
}
