package dev.prag.retrieval;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.util.Timeout;
import org.opensearch.client.json.jackson.JacksonJsonpMapper;
import org.opensearch.client.transport.httpclient5.ApacheHttpClient5TransportBuilder;

/** Makes connections to OpenSearch from the settings, with TLS where the address says so. */
final class OpenSearchConnection {
    private static final Timeout CONNECT = Timeout.ofSeconds(3);
    private static final int CONNECTIONS = 64;

    private OpenSearchConnection() {}

    /** @throws UserException naming the setting that is missing or wrong */
    static OpenSearchClient open(OpenSearchConfig config) {
        String url = config.url()
                .orElseThrow(() -> new UserException("prag.retrieval.engine is opensearch, and prag.opensearch.url says"
                        + " nothing; give its address, as in https://search:9200"));
        URI address = address(url);
        Timeout timeout = Timeout.of(config.timeout());
        PoolingAsyncClientConnectionManagerBuilder connections = PoolingAsyncClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(CONNECTIONS)
                .setMaxConnTotal(CONNECTIONS)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT)
                        .setSocketTimeout(timeout)
                        .build());
        config.ca()
                .ifPresent(pem -> connections.setTlsStrategy(ClientTlsStrategyBuilder.create()
                        .setSslContext(trusting(pem))
                        .buildAsync()));
        ApacheHttpClient5TransportBuilder transport = ApacheHttpClient5TransportBuilder.builder(
                        new HttpHost(address.getScheme(), address.getHost(), address.getPort()))
                .setMapper(new JacksonJsonpMapper())
                .setDefaultHeaders(credentials(config))
                .setRequestConfigCallback(
                        request -> request.setResponseTimeout(timeout).setConnectionRequestTimeout(timeout))
                .setHttpClientConfigCallback(client -> client.setConnectionManager(connections.build()));
        if (address.getPath().length() > 1) {
            transport.setPathPrefix(address.getPath());
        }
        return new OpenSearchClient(transport.build(), url);
    }

    private static URI address(String url) {
        try {
            URI address = new URI(url);
            boolean isHttp = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
            if (!isHttp
                    || address.getHost() == null
                    || address.getRawUserInfo() != null
                    || address.getQuery() != null) {
                throw new UserException("prag.opensearch.url has to be http://HOST:PORT or https://HOST:PORT; user and"
                        + " password go into prag.opensearch.username and prag.opensearch.password");
            }
            return address;
        } catch (URISyntaxException e) {
            throw new UserException("prag.opensearch.url is no URL: " + e.getReason());
        }
    }

    private static Header[] credentials(OpenSearchConfig config) {
        if (config.username().isEmpty()) {
            return new Header[0];
        }
        String both = config.username().get() + ":" + config.password().orElse("");
        String encoded = Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
        return new Header[] {new BasicHeader("Authorization", "Basic " + encoded, true)};
    }

    private static SSLContext trusting(Path pem) {
        try (InputStream text = Files.newInputStream(pem)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(text);
            if (certificates.isEmpty()) {
                throw new UserException("prag.opensearch.ca: " + pem + " holds no certificate");
            }
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) {
                trusted.setCertificateEntry("ca" + number++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UserException("prag.opensearch.ca: " + pem + " can't be read: " + IoReason.of(e));
        } catch (GeneralSecurityException e) {
            throw new UserException("prag.opensearch.ca: " + pem + " holds no certificates in PEM: " + e.getMessage());
        }
    }
}
