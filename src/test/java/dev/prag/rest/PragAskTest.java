package dev.prag.rest;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.prag.answering.DemoCorpus;
import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The component in a page of another site, which has a content security policy of its own. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class PragAskTest {
    /** An origin that the tests' service is set to answer. */
    private static final String PORTAL = "http://portal.localhost";

    private static Chromium chromium;

    @TestHTTPResource("/")
    URI service;

    @Inject
    DemoCorpus demo;

    private Page page;

    @BeforeAll
    static void launch() {
        chromium = Chromium.launch();
    }

    @AfterAll
    static void close() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void aDocument() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        page = chromium.tab(Chromium.options());
    }

    @AfterEach
    void leaveNothing() {
        page.context().close();
        demo.clear();
        chromium.assertNoMistakes();
    }

    @Test
    void asksAcrossSitesWithATokenAndTellsThePage() {
        open(PORTAL, "<prag-ask top-k=\"1\"></prag-ask>");
        List<String> tokens = new ArrayList<>();
        page.onRequest(request -> {
            if (request.method().equals("POST")) {
                tokens.add(request.headers().get("authorization"));
            }
        });
        page.evaluate("() => { const ask = document.querySelector('prag-ask'); window.heard = [];"
                + " ask.token = async () => 'secret';"
                + " for (const name of ['prag-question', 'prag-token', 'prag-answer', 'prag-error', 'prag-passage'])"
                + "   document.addEventListener(name, (event) => heard.push(name)); }");
        page.getByLabel("Your question").fill(DemoCorpus.QUESTION);
        page.getByRole(AriaRole.BUTTON).click();
        assertThat(page.locator(".answer")).hasText("France");
        page.getByText("The Anchor of Raeclaint", new Page.GetByTextOptions().setExact(true))
                .click();
        assertThat(page.locator("prag-ask li p")).isVisible();
        assertEquals(
                List.of("prag-question", "prag-token", "prag-answer", "prag-passage"),
                page.evaluate("[...new Set(heard)]"));
        assertEquals(List.of("Bearer secret"), tokens);
        Chromium.assertAccessible(page);
    }

    @Test
    void aRefusedTokenIsAskedForOnceMore() {
        open(PORTAL, "<prag-ask></prag-ask>");
        page.route("**/answers", route -> {
            boolean fresh = "Bearer fresh".equals(route.request().headers().get("authorization"));
            if (fresh || route.request().method().equals("OPTIONS")) {
                route.resume();
            } else {
                route.fulfill(new Route.FulfillOptions()
                        .setStatus(401)
                        .setHeaders(Map.of(
                                "Access-Control-Allow-Origin", PORTAL, "Content-Type", "application/problem+json"))
                        .setBody("{\"detail\":\"the token has expired\"}"));
            }
        });
        page.evaluate("document.querySelector('prag-ask').token = (refused) => refused ? 'fresh' : 'old'");
        page.evaluate("question => { document.querySelector('prag-ask').ask(question); }", DemoCorpus.QUESTION);
        assertThat(page.locator(".answer")).hasText("France");
        page.evaluate("document.querySelector('prag-ask').token = 'old'");
        page.evaluate("question => { document.querySelector('prag-ask').ask(question); }", DemoCorpus.QUESTION);
        assertThat(page.getByRole(AriaRole.ALERT)).hasText("the token has expired");
    }

    @Test
    void otherSitesMayNotAsk() {
        page.route("http://stranger.localhost/", route -> route.fulfill(html("<prag-ask></prag-ask>")));
        page.navigate("http://stranger.localhost/");
        assertThat(page.locator("prag-ask")).hasCount(1);
        assertEquals(
                false,
                page.evaluate("() => new Promise((done) => {"
                        + " const script = document.querySelector('script'); const again = document.createElement('script');"
                        + " again.type = 'module'; again.src = script.src; again.onload = () => done(true);"
                        + " again.onerror = () => done(false); document.head.append(again); })"));
    }

    private void open(String origin, String body) {
        page.route(origin + "/", route -> route.fulfill(html(body)));
        page.navigate(origin + "/");
        assertThat(page.getByLabel("Your question")).isVisible();
    }

    /** With a policy that allows nothing but the service: no inline style, no inline script. */
    private Route.FulfillOptions html(String body) {
        String home = service.toString().replaceAll("/$", "");
        return new Route.FulfillOptions()
                .setContentType("text/html")
                .setHeaders(Map.of(
                        "Content-Type",
                        "text/html; charset=utf-8",
                        "Content-Security-Policy",
                        "default-src 'none'; script-src " + home + "; connect-src " + home))
                .setBody("<!doctype html><html lang=\"en\"><head><title>Portal</title><script type=\"module\" src=\""
                        + home
                        + "/prag-ask.js\"></script></head><body><main><h1>Portal</h1>" + body
                        + "</main></body></html>");
    }
}
