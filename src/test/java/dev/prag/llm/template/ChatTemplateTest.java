package dev.prag.llm.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Renderings against what transformers made of the same templates. */
class ChatTemplateTest {
    private static final Path REFERENCE = Path.of("src/test/resources/reference");
    private static final ObjectMapper JSON = new ObjectMapper();

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Object value) {
        return (List<Map<String, Object>>) value;
    }

    private static List<Map<String, Object>> read(Path file) throws IOException {
        return list(JSON.readValue(file.toFile(), List.class));
    }

    static Stream<Map<String, Object>> constructs() throws IOException {
        return read(REFERENCE.resolve("chat-constructs.json")).stream();
    }

    @ParameterizedTest
    @MethodSource("constructs")
    @SuppressWarnings("unchecked")
    void rendersConstructs(Map<String, Object> given) {
        Map<String, Object> variables = (Map<String, Object>) given.get("variables");
        ChatTemplate template = ChatTemplate.parse((String) given.get("template"), Map.of());
        boolean prompt = (boolean) given.get("add_generation_prompt");
        List<Map<String, Object>> messages = list(given.get("messages"));
        List<?> tools = list(given.get("tools"));
        if (given.containsKey("error")) {
            TemplateException error =
                    assertThrows(TemplateException.class, () -> template.render(messages, tools, prompt, variables));
            assertEquals(given.get("error"), error.reason());
            assertEquals("chat template, line 1: " + given.get("error"), error.getMessage());
        } else {
            assertEquals(given.get("text"), template.render(messages, tools, prompt, variables));
        }
    }

    static Stream<Arguments> expressions() throws IOException {
        Map<?, ?> file =
                JSON.readValue(Path.of("src/test/resources/template/jinja.json").toFile(), Map.class);
        return list(file.get("cases")).stream()
                .map(given -> Arguments.of(
                        given.get("template"), given.get("text"), file.get("messages"), file.get("variables")));
    }

    /** Expressions and statements against what jinja2 made of them; the file says in which environment. */
    @ParameterizedTest
    @MethodSource("expressions")
    void rendersAsJinjaDoes(
            String template, String text, List<Map<String, Object>> messages, Map<String, Object> variables) {
        ChatTemplate parsed = ChatTemplate.parse(template, Map.of("bos_token", "<s>", "eos_token", "</s>"))
                .at(LocalDateTime.of(2025, 2, 9, 14, 5, 7));
        assertEquals(text, parsed.render(messages, null, false, variables));
    }

    static Stream<Arguments> models() throws IOException {
        List<Arguments> cases = new ArrayList<>();
        for (String model : List.of("tiny-llama-3", "tiny-llama-3.1", "tiny-llama-3.2", "tiny-qwen-2.5")) {
            for (Map<String, Object> given : read(REFERENCE.resolve(model).resolve("golden/chat.json"))) {
                cases.add(Arguments.of(model, given));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void rendersTheTemplatesOfTheReferenceModels(String model, Map<String, Object> given) throws IOException {
        Path folder = REFERENCE.resolve(model);
        Map<?, ?> config =
                JSON.readValue(folder.resolve("tokenizer_config.json").toFile(), Map.class);
        Object text = config.get("chat_template");
        if (text == null) {
            text = Files.readString(folder.resolve("chat_template.jinja"));
        }
        Map<String, Object> tokens = new LinkedHashMap<>();
        for (String name : List.of("bos_token", "eos_token", "pad_token")) {
            Object token = config.get(name);
            tokens.put(name, token instanceof Map<?, ?> map ? map.get("content") : token);
        }
        ChatTemplate template = ChatTemplate.parse((String) text, tokens);
        assertEquals(given.get("text"), template.render(list(given.get("messages")), (boolean)
                given.get("add_generation_prompt")));
    }

    private static String render(String template) {
        return ChatTemplate.parse(template, Map.of("bos_token", "<s>"))
                .render(List.of(Map.of("role", "user", "content", "Hi")), null, false, Map.of());
    }

    @Test
    void tellsTheFixedTime() {
        ChatTemplate template = ChatTemplate.parse("{{ strftime_now('%d %b %Y, %A %-d.%-m. %H:%M %j') }}", Map.of());
        assertEquals("26 Jul 2024, Friday 26.7. 00:00 208", template.render(List.of(), false));
        assertEquals(
                "05 Mar 2026, Thursday 5.3. 09:07 064",
                template.at(LocalDateTime.of(2026, 3, 5, 9, 7)).render(List.of(), false));
    }

    @Test
    void rendersWithoutChangingWhatItIsGiven() {
        assertEquals("[]1", render("{% set x = namespace(l=[]) %}{{ x.l }}{% set x.l = [1] %}{{ x.l[0] }}"));
        assertEquals("user", render("{% for m in messages if m.role != 'system' %}{{ m.role }}{% endfor %}"));
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "=>", quoteCharacter = '`', textBlock = """
        {% include 'x' %}              => line 1: unsupported tag 'include'
        {{ x | pprint }}               => line 1: the filter 'pprint' is not supported
        {{ x is weird }}               => line 1: the test 'weird' is not supported
        {{ cycler(1) }}                => line 1: the function 'cycler' is not supported
        {% for x in y recursive %}     => line 1: 'recursive' loops are not supported
        {% if x %}                     => line 1: the template ends where elif or else or endif is missing
        {% endif %}                    => line 1: unexpected tag 'endif'
        {{ 1 +                         => line 1: the tag isn't closed; '}}' is missing
        {{ f(*x) }}                    => line 1: unpacked arguments ('*') are not supported
        {% break %}                    => line 1: 'break' stands outside of a loop
        """)
    void refusesByNameWhenParsed(String template, String message) {
        TemplateException error = assertThrows(TemplateException.class, () -> ChatTemplate.parse(template, Map.of()));
        assertEquals("chat template, " + message, error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "=>", quoteCharacter = '`', textBlock = """
        {{ nothing.x }}                        => 'nothing' is undefined
        {{ messages[0].nothing.x }}            => 'dict object' has no attribute 'nothing'
        {{ messages[3].role }}                 => list object has no element 3
        {{ messages.append(1) }}               => access to attribute 'append' of 'list' object is unsafe.
        {{ 'a' + 1 }}                          => can only concatenate str (not "int") to str
        {{ nothing() }}                        => 'nothing' is undefined
        {{ none | length }}                    => object of type 'NoneType' has no len()
        {% set bos_token.x = 1 %}              => cannot assign attribute on non-namespace object
        {% for a, b in [[1]] %}{% endfor %}    => not enough values to unpack (expected 2, got 1)
        {{ 'a' < 1 }}                          => '<' not supported between instances of 'str' and 'int'
        """)
    void namesLineAndCauseWhenRendering(String template, String reason) {
        TemplateException error = assertThrows(TemplateException.class, () -> render("\n\n" + template));
        assertEquals("chat template, line 3: " + reason, error.getMessage());
        assertEquals(3, error.line());
    }

    /** What an untrusted template may try: each ends soon, and says why. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ 'a' * 1000000000 }}",
                "{% for i in range(1000000000) %}x{% endfor %}",
                "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}",
                "{% for i in range(90000) %}{{ 'a' * 10000 }}{% endfor %}",
                "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
                "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
                "{{ ('a' * 1000000) | replace('a', 'b' * 1000000) }}",
                "{{ ('a' * 1000000) | replace('', 'b' * 1000000) }}",
                "{{ (['a'] * 1000000) | join('b' * 1000000) }}",
                "{{ ('b' * 1000000).join(['a'] * 1000000) }}",
                "{{ '1'.zfill(2000000000) }}",
                "{{ ('a' * 2000000 + 'b') in 'a' * 4000000 }}",
                "{{ ('a\n' * 1000000) | indent(10000) }}",
                "{{ ('%9000d' * 1000000) % 1 }}",
                "{{ 10 ** 30000 * 10 ** 30000 }}",
                "{{ 1 | round(-2000000000) + ('9' * 3000000) | int + 'a' * 5000000 }}",
                "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}",
                "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}"
                        + "{{ ns.a | tojson }}",
                "{% set ns = namespace(a=[], b=[]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}"
                        + "{% set ns.b = [ns.b, ns.b] %}{% endfor %}{{ ns.a == ns.b }}",
                "{% set ns = namespace(a=[1]) %}{% for i in range(90000) %}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}",
                "{% set ns = namespace(a='a') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
                "{% set ns = namespace(a=['a']) %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}"
            })
    void untrustedTemplatesHaveABudget(String template) {
        assertTimeout(Duration.ofSeconds(30), () -> assertThrows(TemplateException.class, () -> render(template)));
    }

    @Test
    void deeplyNestedTemplatesAreRefusedWhenParsed() {
        for (String deep : List.of(
                "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}",
                "{{ " + "[".repeat(100_000),
                "{{ " + "-".repeat(100_000) + "1 }}",
                "{% if 1 %}".repeat(100_000),
                "{% if 1 %}" + "{% elif 1 %}".repeat(100_000))) {
            assertThrows(TemplateException.class, () -> ChatTemplate.parse(deep, Map.of()));
        }
        assertThrows(TemplateException.class, () -> render("{{ " + "1 + ".repeat(200_000) + "1 }}"));
    }

    @Test
    void longContentIsWithinTheBudget() {
        String content = "<think>x</think> y ".repeat(20_000);
        String text = ChatTemplate.parse(
                        "{% for m in messages %}{{ m.role + '\n' + m.content.split('</think>')[-1] | trim }}{{"
                                + " m.content.split() | length }}{{ m.content }}{% endfor %}",
                        Map.of())
                .render(List.of(Map.of("role", "user", "content", content)), false);
        assertEquals("user\ny40000" + content, text);
    }

    /** As Python's split and rsplit. */
    @ParameterizedTest
    @CsvSource(delimiterString = "=>", quoteCharacter = '`', textBlock = """
        ' a  b c '.split()          => ['a', 'b', 'c']
        ' a  b c '.split(none, 1)   => ['a', 'b c ']
        ' a  b c '.rsplit(none, 1)  => [' a  b', 'c']
        'a,b,c'.split(',')          => ['a', 'b', 'c']
        'a,b,c'.split(',', 1)       => ['a', 'b,c']
        'a,b,c'.rsplit(',', 1)      => ['a,b', 'c']
        ',a,'.rsplit(',')           => ['', 'a', '']
        'aaa'.rsplit('aa')          => ['a', '']
        'aaa'.split('aa')           => ['', 'a']
        '  '.split()                => []
        """)
    void splits(String expression, String expected) {
        assertEquals(expected, render("{{ " + expression + " }}"));
    }
}
