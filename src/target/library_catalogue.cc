#include "target/library_catalogue.h"

#include <algorithm>

#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "target/data_files.h"

namespace abiscope::target {

namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::string_view word : text::split(text, " \n\t")) {
        if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

std::string optional_text(const YAML::Node& node, const char* key) { return node[key] ? node[key].as<std::string>() : std::string(); }

// The path a library's bytes have, beside the name the loader asks for.
struct Placement {
    std::string folder;
    std::string soname;
    std::string file;
};

// elf/Makerules of glibc: lib-version is in the file name until the merge of 2.34; libthread_db has a version of its own.
std::string glibc_file(const std::string& stem, const std::string& soname, const Version& release, const Version& merged) {
    if (merged.empty() || stem.empty() || release.empty() || release >= merged) return soname;
    if (stem == "libthread_db") return "libthread_db-1.0.so";
    return stem + "-" + release.to_string() + ".so";
}

// libstdc++ numbers its file after its newest node: GLIBCXX_3.4.28 is libstdc++.so.6.0.28.
std::string file_name(const YAML::Node& member, const std::string& soname, const BaseLibraries& wanted, const Version& merged,
                      const std::vector<std::string>& versions) {
    std::string stem = optional_text(member, "file");
    if (soname == "libstdc++.so.6") {
        std::uint32_t newest = 0;
        for (const std::string& version : versions) {
            auto number = version.starts_with("GLIBCXX_") ? Version::parse(std::string_view(version).substr(8)) : std::nullopt;
            if (number) newest = std::max(newest, number->part(2));
        }
        return soname + ".0." + std::to_string(newest);
    }
    if (wanted.family.starts_with("glibc"))
        return glibc_file(stem, soname, wanted.release, wanted.family == "glibc" ? merged : Version{2, 34});
    return stem.empty() ? soname : stem;
}

Result<void> add_member(MemoryFileSystem& files, const YAML::Node& member, const BaseLibraries& wanted, const Version& merged,
                        const std::string& source) {
    std::string soname = member["soname"].as<std::string>();
    bool is_loader = soname == "loader";
    if (!wanted.members.empty() && !is_loader && std::ranges::find(wanted.members, soname) == wanted.members.end()) return {};
    auto loader_name = [&] { return wanted.loader.substr(wanted.loader.rfind('/') + 1); };
    if (is_loader) soname = loader_name();
    const YAML::Node nodes = member["nodes"];
    const YAML::Node own = nodes[std::string(to_string(wanted.architecture))];
    const YAML::Node list = own ? own : nodes["all"];
    if (!list && nodes.size() != 0) return {};   // not built for this architecture
    DescribedLibrary library;
    library.soname = soname;
    library.source = source;
    if (list) {
        for (const std::string& word : words_of(list.as<std::string>())) {
            ABISCOPE_TRY(DatedNode node, parse_dated_node(word));
            NodeState state = wanted.release.empty() ? NodeState::doubtful : node_state(node, wanted.release);
            if (std::ranges::find(wanted.also_defines, node.name) != wanted.also_defines.end()) state = NodeState::present;
            else if (state == NodeState::absent && std::ranges::find(wanted.also_doubtful, node.name) != wanted.also_doubtful.end())
                state = NodeState::doubtful;
            if (state == NodeState::present) library.versions.push_back(node.name);
            else if (state == NodeState::doubtful) library.doubtful_versions.push_back(node.name);
        }
        if (library.versions.empty() && !wanted.release.empty()) return {};   // not there yet in this release
    }
    for (const std::string& name : words_of(optional_text(member, "needed"))) {
        if (name == "loader") library.needed.push_back(loader_name());
        else if (name == "libc.musl") library.needed.push_back("libc.musl-" + wanted.loader.substr(wanted.loader.find("musl-") + 5));
        else library.needed.push_back(name);
    }
    bool usual = optional_text(member, "folder") == "usr";
    const std::string& folder = usual ? wanted.layout.usual : wanted.layout.essential;
    std::string file = is_loader ? glibc_file(optional_text(member, "file"), soname, wanted.release, merged)
                                 : file_name(member, soname, wanted, merged, library.versions);
    bool musl_loader = is_loader && wanted.family == "musl";
    library.path = folder + "/" + (musl_loader ? soname : file);
    if (musl_loader) {
        std::string other = "libc.musl-" + wanted.loader.substr(wanted.loader.find("musl-") + 5);
        (void)files.add_link(folder + "/" + other, soname);
        library.soname = other;
    }
    std::string path = library.path;
    if (auto done = files.add_library(std::make_shared<const DescribedLibrary>(std::move(library))); !done) {
        return fail(ErrorCode::internal, "a base library finds no place: " + path);
    }
    if (file != soname && !musl_loader) (void)files.add_link(folder + "/" + soname, file);
    if (is_loader && !files.node(files.real_path(wanted.loader).value_or("")).has_value()) (void)files.add_link(wanted.loader, path);
    return {};
}

}  // namespace

Result<DatedNode> parse_dated_node(std::string_view text) {
    DatedNode node;
    std::size_t question = text.find('?');
    std::size_t at = text.find('@');
    auto number = [&](std::string_view part) -> Result<Version> {
        auto version = Version::parse(part);
        if (!version) return fail(ErrorCode::bad_value, "no release in the node " + std::string(text));
        return *version;
    };
    if (question != std::string_view::npos) {
        ABISCOPE_TRY(node.doubtful_since, number(text.substr(question + 1)));
        text = text.substr(0, question);
    }
    node.name = text.substr(0, at);
    if (at == std::string_view::npos) {
        std::size_t underscore = text.rfind('_');
        ABISCOPE_TRY(node.since, number(underscore == std::string_view::npos ? text : text.substr(underscore + 1)));
        return node;
    }
    std::string_view range = text.substr(at + 1);
    std::size_t tilde = range.find('~');
    ABISCOPE_TRY(node.since, number(range.substr(0, tilde)));
    if (tilde != std::string_view::npos) {
        ABISCOPE_TRY(node.until, number(range.substr(tilde + 1)));
    }
    return node;
}

NodeState node_state(const DatedNode& node, const Version& release) {
    if (release < node.since)
        return !node.doubtful_since.empty() && release >= node.doubtful_since ? NodeState::doubtful : NodeState::absent;
    return node.until.empty() || release <= node.until ? NodeState::present : NodeState::absent;
}

Result<void> add_base_libraries(MemoryFileSystem& files, const BaseLibraries& wanted) {
    auto all = data_files();
    auto at = std::ranges::find_if(all, [&](const DataFile& file) { return file.folder == "libraries" && file.name == wanted.family; });
    if (at == all.end()) return fail(ErrorCode::not_found, "no data about the library " + wanted.family);
    try {
        YAML::Node data = YAML::Load(std::string(at->text));
        Version merged = Version::parse(optional_text(data, "merged")).value_or(Version{});
        std::string source = optional_text(data, "source");
        for (const YAML::Node& member : data["members"]) {
            ABISCOPE_CHECK(add_member(files, member, wanted, merged, source));
        }
    } catch (const YAML::Exception& problem) {
        return fail(ErrorCode::bad_value, "data/libraries/" + wanted.family + ".yaml: " + problem.what());
    }
    return {};
}

}  // namespace abiscope::target
