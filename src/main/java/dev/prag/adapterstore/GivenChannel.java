package dev.prag.adapterstore;

import java.util.List;
import org.infinispan.remoting.transport.jgroups.AbstractJGroupsChannelConfigurator;
import org.jgroups.JChannel;
import org.jgroups.conf.ProtocolConfiguration;

/** Has Infinispan use a channel that is there already. */
final class GivenChannel extends AbstractJGroupsChannelConfigurator {
    private final JChannel channel;

    GivenChannel(JChannel channel) {
        this.channel = channel;
    }

    @Override
    public String getName() {
        return "prag";
    }

    @Override
    public JChannel createChannel(String name) {
        return channel;
    }

    @Override
    public String getProtocolStackString() {
        return channel.getProtocolStack().printProtocolSpec(false);
    }

    @Override
    public List<ProtocolConfiguration> getProtocolStack() {
        return List.of();
    }
}
