package dev.prag.answering.words;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import opennlp.tools.postag.POSModel;
import opennlp.tools.postag.POSTaggerME;
import opennlp.tools.tokenize.SimpleTokenizer;
import opennlp.tools.util.Span;

/**
 * Content words by their parts of speech (Universal Dependencies): nouns, names, verbs but for auxiliaries, adjectives and
 * numbers. The tagger is OpenNLP's maximum entropy model of the English Web Treebank.
 */
final class TaggedWords implements ContentWords {
    private static final String MODEL = "/opennlp-en-ud-ewt-pos-1.3-2.5.4.bin";
    private static final Set<String> CONTENT = Set.of("NOUN", "PROPN", "VERB", "ADJ", "NUM");

    private static TaggedWords english;

    private final POSTaggerME tagger;

    private TaggedWords(POSModel model) {
        tagger = new POSTaggerME(model);
    }

    /** Made on first use, as the model is read then. */
    static synchronized TaggedWords english() {
        if (english == null) {
            try (InputStream in = TaggedWords.class.getResourceAsStream(MODEL)) {
                english = new TaggedWords(new POSModel(in));
            } catch (IOException e) {
                throw new IllegalStateException("the tagger's model can't be read", e);
            }
        }
        return english;
    }

    @Override
    public boolean[] among(String text, List<Word> words) {
        Span[] places = SimpleTokenizer.INSTANCE.tokenizePos(text);
        String[] tags = tags(Span.spansToStrings(places, text));
        boolean[] content = new boolean[words.size()];
        int at = 0;
        for (int i = 0; i < content.length; i++) {
            Word word = words.get(i);
            while (at < places.length && places[at].getEnd() <= word.start()) {
                at++;
            }
            for (int place = at; place < places.length && places[place].getStart() < word.end(); place++) {
                content[i] |= CONTENT.contains(tags[place]) && !word.bare().isEmpty();
            }
        }
        return content;
    }

    /** The tagger remembers what it did last. */
    private synchronized String[] tags(String[] tokens) {
        return tokens.length == 0 ? tokens : tagger.tag(tokens);
    }
}
