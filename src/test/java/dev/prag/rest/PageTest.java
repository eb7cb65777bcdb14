package dev.prag.rest;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import dev.prag.answering.DemoCorpus;
import dev.prag.database.DatabaseResource;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page in a browser, against a service with one encoded passage and one that isn't. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class PageTest {
    private static Chromium chromium;

    @TestHTTPResource("/")
    URI service;

    @Inject
    DemoCorpus demo;

    @Inject
    ModelRuntime runtime;

    @Inject
    PassageIndex index;

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
    void twoDocuments() {
        runtime.open();
        index.open();
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        demo.ingest(DemoCorpus.STAIR);
        page = chromium.tab(Chromium.options());
    }

    @AfterEach
    void leaveNothing() {
        page.context().close();
        demo.clear();
        chromium.assertNoMistakes();
    }

    @Test
    void anAnswerWithWhatItRestsOn() {
        open("#ask");
        ask(DemoCorpus.QUESTION);
        Locator answer = page.locator(".answer");
        assertThat(answer.locator("[aria-live]")).hasAttribute("aria-busy", "false");
        assertThat(answer.locator(".answer-text")).hasText(answered("parametric"));
        Locator passages = answer.locator(".passages li");
        assertThat(passages).hasCount(2);
        assertThat(passages.nth(0)).containsText("The Anchor of Raeclaint");
        assertThat(passages.nth(0).locator(".chip")).hasText("adapter");
        assertThat(passages.nth(0)).containsText(Pattern.compile("weight 0\\.\\d+"));
        assertThat(passages.nth(1).locator(".chip")).hasText("prompt");
        assertThat(passages.nth(1)).containsText("isn’t trained yet");
        assertThat(answer.locator(".notes")).containsText("passage “The Strange Stair of Woabrirk” has no adapter yet");
        assertThat(answer.locator(".legend")).containsText(Pattern.compile("Retrieve.*Compose.*First token.*Write"));
        for (Locator part : answer.locator(".line .part").all()) {
            assertTrue(part.boundingBox().width > 0);
        }
        Chromium.assertAccessible(page);
    }

    @Test
    void theTextIsSeenAsItComesAndCanBeStopped() throws InterruptedException {
        open("#ask");
        try (Brake brake = new Brake(runtime.engine())) {
            page.getByLabel("Method").selectOption("closed-book");
            ask("Who directed The Anchor of Raeclaint?");
            Locator text = page.locator(".answer-text");
            assertThat(text).isVisible();
            for (int step = 0; step < 40 && text.innerText().isBlank(); step++) {
                brake.step();
                page.waitForTimeout(20);
            }
            assertTrue(!text.innerText().isBlank(), "a token is seen while others are still to come");
            assertThat(page.locator("[aria-live]")).hasAttribute("aria-busy", "true");
            button("Stop").click();
            assertThat(page.locator(".answer")).containsText("Stopped");
        }
        assertThat(button("Ask")).isVisible();
    }

    @Test
    void methodsSideBySide() {
        open("#compare");
        ask(DemoCorpus.QUESTION);
        Locator answers = page.locator(".columns .answer");
        assertThat(answers).hasCount(3);
        assertThat(page.locator("[aria-busy=false]")).hasCount(3);
        assertThat(answers.nth(0)).containsText("rests on no passage");
        assertThat(answers.nth(2).locator(".answer-text")).hasText(answered("parametric"));
        Chromium.assertAccessible(page);
        page.getByLabel(Pattern.compile("^Closed book")).uncheck();
        page.getByLabel(Pattern.compile("^In context")).uncheck();
        button("Ask").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("two to four");
    }

    @Test
    void whatGoesWrongIsASentence() {
        open("#ask");
        page.getByText("How to answer").click();
        page.getByLabel("Only documents whose metadata has").fill("lang");
        ask("Who?");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("it is no JSON object");
        page.getByLabel("Only documents whose metadata has").fill("{\"lang\":{\"near\":1}}");
        button("Ask").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("near");
        Chromium.assertAccessible(page);
        page.route("**/answers", Route::abort);
        page.getByLabel("Only documents whose metadata has").fill("");
        button("Ask").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("can’t be reached");
    }

    @Test
    void documentsComeAndGo() {
        open("#documents");
        Locator rows = page.locator(".documents li");
        assertThat(rows).hasCount(2);
        assertThat(row("The Anchor of Raeclaint").locator(".chip")).hasText("1 ready");
        assertThat(row("The Strange Stair of Woabrirk").locator(".chip")).hasText("1 waiting");
        assertThat(page.locator(".encoding")).containsText("1 of 2 passages encoded");
        byte[] text = "# Ole Bruun\n\nHe was born in Kirkby.".getBytes(StandardCharsets.UTF_8);
        page.locator("#files").setInputFiles(new FilePayload[] {
            new FilePayload("ole.md", "text/markdown", text), new FilePayload("binary.txt", "text/plain", new byte[9])
        });
        assertThat(page.locator(".outcome")).containsText("1 document added");
        assertThat(page.locator(".outcome")).containsText("binary.txt");
        assertThat(rows).hasCount(3);
        Chromium.assertAccessible(page);
        page.getByLabel("Find by title").fill("stair");
        assertThat(rows).hasCount(1);
        page.getByLabel("Find by title").fill("ole");
        assertThat(rows).hasCount(1);
        rows.getByRole(AriaRole.BUTTON).click();
        Chromium.assertAccessible(page);
        page.keyboard().press("Escape");
        assertThat(rows).hasCount(1);
        rows.getByRole(AriaRole.BUTTON).click();
        page.getByRole(AriaRole.DIALOG)
                .getByRole(AriaRole.BUTTON, named("Delete"))
                .click();
        assertThat(page.getByText("No document is like that.")).isVisible();
        page.getByLabel("Find by title").fill("");
        assertThat(rows).hasCount(2);
    }

    @Test
    void encodingIsSeenAsItGoesOn() {
        open("#documents");
        assertThat(page.locator(".encoding")).containsText("1 of 2 passages encoded");
        demo.encode("demo-" + DemoCorpus.STAIR);
        assertThat(page.locator(".encoding")).containsText("Every passage is encoded.");
        assertThat(row("The Strange Stair of Woabrirk").locator(".chip")).hasText("1 ready");
    }

    @Test
    void whoMayNotSeeTheProgressOfAllSeesThatOfHisDocuments() {
        page.route(
                "**/encoding",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setStatus(403)
                        .setContentType(Problem.MEDIA_TYPE)
                        .setBody("{\"status\":403,\"detail\":\"not for you\"}")));
        open("#documents");
        assertThat(row("The Strange Stair of Woabrirk").locator(".chip")).hasText("1 waiting");
        assertThat(page.locator(".encoding")).isHidden();
        demo.encode("demo-" + DemoCorpus.STAIR);
        assertThat(row("The Strange Stair of Woabrirk").locator(".chip")).hasText("1 ready");
        assertThat(page.getByRole(AriaRole.ALERT)).hasCount(0);
    }

    @Test
    void aDocumentAndWhatItsPassagesAreTrainedOn() {
        open("#documents");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("The Anchor of Raeclaint"))
                .click();
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("The Anchor of Raeclaint");
        assertThat(page.locator(".passage-list .chip")).hasText("ready");
        Chromium.assertAccessible(page);
        page.getByText("What it is trained on").click();
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("Passage 1 of The Anchor of Raeclaint");
        assertThat(page.locator("main")).containsText("Rank 2");
        assertThat(page.locator("main")).containsText("Nothing was made of it yet");
        Chromium.assertAccessible(page);
        assertTrue(page.waitForDownload(
                        () -> page.getByText("Download as a PEFT folder (zip)").click())
                .suggestedFilename()
                .endsWith(".zip"));
        open("#documents/nothing");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("nothing");
    }

    @Test
    void itIsThereWhileTheModelIsRead() {
        AtomicBoolean started = new AtomicBoolean();
        page.route("**/q/health/started", route -> {
            if (started.get()) {
                route.resume();
            } else {
                route.fulfill(new Route.FulfillOptions().setStatus(503));
            }
        });
        page.navigate(service.toString());
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("Loading the model");
        Chromium.assertAccessible(page);
        started.set(true);
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("Ask your documents");
    }

    @Test
    void whoIsNotKnownGivesAKey() {
        AtomicReference<String> sent = new AtomicReference<>();
        page.route("**/whoami", route -> {
            String given = route.request().headers().get("authorization");
            sent.set(given);
            boolean known = "Bearer right".equals(given);
            route.fulfill(new Route.FulfillOptions()
                    .setStatus(known ? 200 : 401)
                    .setContentType(known ? "application/json" : Problem.MEDIA_TYPE)
                    .setBody(
                            known
                                    ? "{\"name\":\"vera\",\"groups\":[],\"roles\":[\"ask\"],\"login\":\"key\",\"signIn\":null,"
                                            + "\"signOut\":null}"
                                    : "{\"status\":401,\"detail\":\"no key\"}"));
        });
        page.navigate(service.toString());
        page.getByLabel("API key").fill("wrong");
        button("Sign in").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("does not know this key");
        Chromium.assertAccessible(page);
        page.getByLabel("API key").fill("right");
        button("Sign in").click();
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("Ask your documents");
        assertThat(page.locator(".who")).hasText("vera");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Documents"))
                .click();
        assertThat(page.locator(".documents li")).hasCount(2);
        assertThat(page.locator(".drop")).hasCount(0);
        assertEquals("Bearer right", sent.get());
        button("Forget the key").click();
        assertThat(page.getByLabel("API key")).isVisible();
    }

    @Test
    void whoIsNoLongerKnownSignsInAgainWherePeopleCan() {
        AtomicBoolean known = new AtomicBoolean(true);
        page.route(
                "**/whoami",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody(
                                known.get()
                                        ? "{\"name\":\"vera\",\"groups\":[],\"roles\":[\"write\"],\"login\":\"oidc\","
                                                + "\"signIn\":null,\"signOut\":\"/logout\"}"
                                        : "{\"name\":null,\"groups\":[],\"roles\":[],\"login\":\"oidc\",\"signIn\":\"/login\","
                                                + "\"signOut\":null}")));
        page.navigate(service.toString());
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("Documents");
        assertThat(page.locator("#nav a")).hasCount(1);
        assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Sign out")))
                .hasAttribute("href", "/logout");
        known.set(false);
        // Of what is asked below alone: the page reads its list again by itself, too, and would be gone before the
        // choice.
        page.route("**/documents?*state=READY*", route -> route.fulfill(new Route.FulfillOptions().setStatus(401)));
        page.getByLabel("Passages that are").selectOption("READY");
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("Sign in to go on");
        assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Sign in")))
                .hasCount(2);
        Chromium.assertAccessible(page);
    }

    @Test
    void inTheReadersLanguage() {
        page.context().close();
        page = chromium.tab(Chromium.options().setLocale("zh-CN"));
        open("#ask");
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("向您的文档提问");
        assertThat(page.locator("html")).hasAttribute("lang", "zh");
        page.locator(".language").selectOption("en");
        assertThat(page.getByRole(AriaRole.HEADING, level(1))).hasText("Ask your documents");
    }

    @Test
    void everyLanguageHasEveryText() {
        open("#ask");
        Object missing = page.evaluate("async () => {"
                + " const [en, zh] = await Promise.all(['en', 'zh'].map((code) => import(`/page/texts/${code}.js`)));"
                + " const names = (text) => (typeof text === 'string' ? text : text.other).match(/\\{\\w+\\}/g) ?? [];"
                + " const keys = [...new Set([...Object.keys(en.default), ...Object.keys(zh.default)])];"
                + " return keys.filter((key) => !(key in en.default) || !(key in zh.default)"
                + "   || names(en.default[key]).sort().join() !== names(zh.default[key]).sort().join()); }");
        assertEquals(List.of(), missing);
    }

    @Test
    void darkAndNarrow() {
        page.context().close();
        page = chromium.tab(Chromium.options().setColorScheme(ColorScheme.DARK).setViewportSize(320, 640));
        for (String view : List.of("#ask", "#compare", "#documents", "#documents/demo-0")) {
            open(view);
            if (!view.startsWith("#documents")) {
                ask(DemoCorpus.QUESTION);
                assertThat(page.locator("[aria-busy=true]")).hasCount(0);
                assertThat(page.locator(".timeline").first()).isVisible();
            } else {
                assertThat(page.locator("main .chip.ready").first()).isVisible();
            }
            assertEquals(320, page.evaluate("document.documentElement.scrollWidth"), view + " scrolls sideways");
            Chromium.assertAccessible(page);
        }
    }

    @Test
    void withTheKeyboardAlone() {
        open("#documents");
        assertThat(page.locator(".documents li")).hasCount(2);
        page.locator("body").press("Tab");
        assertThat(page.locator("#skip")).isFocused();
        page.keyboard().press("Tab");
        page.keyboard().press("Tab");
        page.keyboard().press("Enter");
        assertThat(page.getByLabel("Your question")).isFocused();
        page.keyboard().type(DemoCorpus.QUESTION);
        page.keyboard().press("Enter");
        assertThat(page.locator(".answer-text")).hasText(answered("parametric"));
    }

    /** What the service itself answers by this method. */
    private static String answered(String method) {
        String request = Http.JSON
                .createObjectNode()
                .put("question", DemoCorpus.QUESTION)
                .put("method", method)
                .toString();
        return Http.post("/answers", request).expect(200).get("answer").asText();
    }

    private void open(String view) {
        page.navigate(service + view);
        assertThat(page.locator("#nav a[aria-current]")).isVisible();
    }

    private void ask(String question) {
        page.getByLabel("Your question").fill(question);
        page.getByLabel("Your question").press("Enter");
    }

    private Locator row(String title) {
        return page.locator(".documents li", new Page.LocatorOptions().setHasText(title));
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Page.GetByRoleOptions level(int level) {
        return new Page.GetByRoleOptions().setLevel(level);
    }

    private static Locator.GetByRoleOptions named(String name) {
        return new Locator.GetByRoleOptions().setName(name);
    }
}
