package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.database.DatabaseResource;
import dev.prag.rest.Http;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused below {@code /v1/}, how it is said, and what is not. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class MistakesTest {
    private static final String CHATS = "/v1/chat/completions";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`'temperature':'hot'`                    | temperature                 | not a number",
                "`'temperature':9`                        | temperature                 | 9",
                "`'top_p':1.5`                            | top_p                       | 1.5",
                "`'max_tokens':0`                         | max_tokens                  | 0",
                "`'max_tokens':2.5`                       | max_tokens                  | whole number",
                "`'max_completion_tokens':-1`             | max_completion_tokens       | -1",
                "`'stop':5`                               | stop                        | string",
                "`'stop':['a',5]`                         | stop                        | stop[1]",
                "`'stop':''`                              | stop                        | empty",
                "`'top_logprobs':2`                       | top_logprobs                | logprobs",
                "`'logprobs':true,'top_logprobs':21`      | top_logprobs                | 21",
                "`'n':2`                                  | n                           | 2",
                "`'frequency_penalty':0.5`                | frequency_penalty           | 0.5",
                "`'presence_penalty':-1`                  | presence_penalty            | -1",
                "`'tools':[{'type':'function'}]`          | tools                       | not supported",
                "`'tool_choice':'required'`               | tool_choice                 | none",
                "`'functions':[{'name':'f'}]`             | functions                   | not supported",
                "`'logit_bias':{'5':10}`                  | logit_bias                  | not supported",
                "`'modalities':['text','audio']`          | modalities                  | text",
                "`'audio':{'voice':'alloy'}`              | audio                       | not supported",
                "`'web_search_options':{}`                | web_search_options          | not supported",
                "`'response_format':{'type':'yaml'}`      | response_format.type        | yaml",
                "`'response_format':{'type':'json_schema'}` | response_format.json_schema.schema | missing",
                "`'stream':'yes'`                         | stream                      | true or false",
                "`'messages':[]`                          | messages                    | empty",
                "`'messages':[{'role':'tool','content':'x'}]` | messages[0].role        | tool",
                "`'messages':[{'content':'x'}]`           | messages[0].role            | missing",
                "`'messages':[{'role':'user'}]`           | messages[0].content         | missing",
                "`'messages':[{'role':'user','content':5}]` | messages[0].content       | string",
                "`'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}]` | messages[0].content[0].type | image_url",
                "`'messages':[{'role':'assistant','tool_calls':[{'id':'1'}]}]` | messages[0].tool_calls | not supported",
                "`'messages':'hello'`                     | messages                    | messages",
                "`'messages':[{'role':5,'content':'x'}]`  | messages[0].role            | string",
                "`'prag':{'topK':0}`                      | prag                        | topK is 0",
                "`'prag':{'topK':'3'}`                    | prag.topK                   | whole number",
                "`'prag':{'method':'magic'}`              | prag.method                 | magic",
                "`'model':null`                           | model                       | missing"
            })
    void theFieldIsNamed(String fields, String param, String word) {
        Errors.expect(Http.post(CHATS, body("model:in-context", fields)), 400, param, null, word);
    }

    @Test
    void anUnknownModel() {
        Errors.expect(
                Http.post(CHATS, body("gpt-4o", "'n':1")), 404, "model", "model_not_found", "gpt-4o", "model:combined");
    }

    @Test
    void nobodyAsks() {
        Errors.expect(
                Http.post(CHATS, body("model:parametric", "'messages':[{'role':'system','content':'Be kind.'}]")),
                400,
                "messages",
                null,
                "user");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'temperature':null,'top_p':null,'stop':null,'seed':null,'logprobs':null,'top_logprobs':null,'n':null",
                "'tools':null,'response_format':null,'stream':null,'stream_options':null,'logit_bias':null,'user':null",
                "'tools':[],'tool_choice':'auto','parallel_tool_calls':true,'functions':[],'logit_bias':{},'stop':[]",
                "'store':true,'metadata':{'a':'b'},'service_tier':'auto','modalities':['text'],'audio':null,'n':1",
                "'frequency_penalty':0,'presence_penalty':0.0,'reasoning_effort':'low','nobody':{'knows':1}",
                "'messages':[{'role':'user','name':'ann','content':'Hello','tool_calls':null,'odd':1}]",
                "'messages':[{'role':'assistant','content':null,'tool_calls':[]},{'role':'user','content':'Hi'}]",
                "'prag':null,'response_format':{'type':'text'},'top_p':0,'temperature':1,'logprobs':false"
            })
    void whatChangesNothingIsTaken(String fields) {
        JsonNode answer =
                Http.post(CHATS, body("model", fields + ",'max_tokens':1")).expect(200);
        assertEquals(1, answer.get("choices").size());
    }

    @Test
    void aKeyIsNotLookedAtWhereNoneIsNeeded() {
        Http.Reply reply = Http.send(
                "POST",
                CHATS,
                BodyPublishers.ofString(body("model", "'max_tokens':1")),
                "Content-Type",
                "application/json",
                "Authorization",
                "Bearer sk-anything");
        reply.expect(200);
    }

    @Test
    void whatIsNoRequest() {
        Errors.expect(Http.post(CHATS, "{\"model\":"), 400, null, null, "not JSON");
        Errors.expect(Http.post(CHATS, "[]"), 400, null, null, "kind");
        Errors.expect(Http.post(CHATS, ""), 400, null, null, "no body");
        Errors.expect(Http.post(CHATS, "text/plain", "hello".getBytes(StandardCharsets.UTF_8)), 415, null, null);
        Errors.expect(Http.post(CHATS, "no type", new byte[0]), 415, null, null, "media type");
        Errors.expect(Http.get(CHATS), 405, null, null, "not offered");
        Errors.expect(Http.get("/v1/embeddings"), 404, null, null, "/v1/embeddings");
        Errors.expect(Http.post(CHATS, " ".repeat(70_000)), 413, null, null, "64 KiB");
        Http.get("/v2").problem(404, "/v2");
    }

    @Test
    void whatThereIsIsDescribed() {
        JsonNode api = Http.get("/q/openapi?format=json").expect(200);
        for (String path : List.of(CHATS, "/v1/completions")) {
            JsonNode post = api.get("paths").get(path).get("post");
            assertTrue(post.findValuesAsText("$ref").contains("#/components/schemas/OpenAiError"), post.toString());
            String request = post.at("/requestBody/content/application~1json/schema/$ref")
                    .asText();
            JsonNode schema = api.at(request.substring(1));
            assertEquals(
                    "PragOptions", schema.at("/properties/prag/$ref").asText().replaceAll(".*/", ""));
        }
        assertTrue(api.get("paths").has("/v1/models") && api.get("paths").has("/v1/models/{id}"));
    }

    private static String body(String model, String fields) {
        String given = "'model':'" + model + "'," + fields;
        String messages = fields.contains("'messages'") ? "" : "'messages':[{'role':'user','content':'Hello'}],";
        String body = fields.contains("'model'") ? "{" + messages + fields + "}" : "{" + messages + given + "}";
        return body.replace('\'', '"');
    }
}
