#include "report/redact.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::report {

namespace {

// Below it a number is an offset, a size or a flag.
constexpr std::uint64_t least_address = 0x10000;
// Shorter texts are found in words that have nothing to do with them, so they count only at the end of a line or in quotes.
constexpr std::size_t shortest_anywhere = 4;

// Arguments of causes that are the program's own words.
constexpr std::array secret_arguments = {"text", "value", "what"};
// Folders that are the same on every machine.
constexpr std::array common_folders = {"/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/"};
// What the runtimes say themselves.
constexpr std::array common_words = {
    "runtime error: ", "all goroutines are asleep", "stack overflow",         "concurrent map ", "malloc", "free(): ", "double free",
    "corrupted ",      "buffer overflow detected",  "stack smashing detected"};

bool is_hexadecimal(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool ends_path(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0 || c == '"' || c == '\'' || c == ',' || c == ')' || c == ':' || c == ';';
}

bool in_common_folder(std::string_view path) {
    return std::ranges::any_of(common_folders, [&](std::string_view folder) { return path.starts_with(folder); });
}

// Whether what stands at `at` is not the middle of a path or word.
bool may_start_path(std::string_view text, std::size_t at) {
    return at == 0 || ends_path(text[at - 1]) || text[at - 1] == '(' || text[at - 1] == '=';
}

std::string without_folders(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        bool starts = text[i] == '/' && may_start_path(text, i);
        if (!starts) {
            out += text[i++];
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && !ends_path(text[end])) ++end;
        std::string_view path = text.substr(i, end - i);
        std::size_t last = path.rfind('/');
        out += in_common_folder(path) || last == 0 ? std::string(path) : fmt::format("<folder>{}", path.substr(last));
        i = end;
    }
    return out;
}

}  // namespace

void Redactor::add_secret(std::string_view text, std::size_t kept) {
    std::string_view secret = text.substr(kept);
    bool common = std::ranges::any_of(common_words, [&](std::string_view words) { return secret.find(words) != std::string_view::npos; });
    if (secret.empty() || secret.starts_with("0x") || common) return;
    secrets_.push_back({.text = std::string(text), .kept = kept});
    // As people are shown it.
    std::string shown = text::printable(text);
    if (shown != text) secrets_.push_back({.text = std::move(shown), .kept = text::printable(text.substr(0, kept)).size()});
}

void Redactor::add_folder_of(std::string_view path) {
    std::string folder = text::printable(path.substr(0, path.rfind('/') + 1));
    if (!in_common_folder(path) && folder.find_first_not_of("./") != std::string::npos) folders_.push_back(std::move(folder));
}

Redactor::Redactor(const core::Crash& crash, const rules::Diagnosis& diagnosis, const std::string& path) : process_(crash.process) {
    if (process_.notes.process) {
        // The program's name says which program it is; its arguments may be anything, and so short that they are known by their place
        // alone.
        std::string_view arguments = process_.notes.process->arguments;
        std::size_t name = 0;  // its length; a blank in it is told from the one behind it where the file is known
        for (const core::Module& module : process_.modules) {
            if (!module.is_program) continue;
            if (arguments.starts_with(module.path)) name = module.path.size();
            // The kernel keeps 79 characters.
            else if (module.path.starts_with(arguments)) add_secret(arguments);
        }
        if (std::size_t blank = arguments.find(' ', name); blank != std::string_view::npos) {
            add_secret(arguments, blank + 1);
            add_secret(arguments.substr(blank + 1));
        }
    }
    add_folder_of(path);
    for (const core::Module& module : process_.modules) add_folder_of(module.path);
    for (const std::string& file : crash.symbols.files()) add_folder_of(file);
    std::ranges::stable_sort(folders_, std::greater(), &std::string::size);
    if (diagnosis.cause) {
        for (const finding::NamedArgument& argument : diagnosis.cause->finding.arguments()) {
            const auto* words = std::get_if<std::string>(&argument.value);
            if (words == nullptr || std::ranges::find(secret_arguments, argument.name) == secret_arguments.end()) continue;
            std::string_view rest = *words;
            if (rest.starts_with(": ")) rest.remove_prefix(2);
            // "Go panic in main.f at main.go:7: WORDS"
            std::size_t at = rest.find(": ");
            if (rest.starts_with(" at ") && at != std::string_view::npos) rest.remove_prefix(at + 2);
            add_secret(rest);
        }
        for (const rules::Fact& fact : diagnosis.cause->facts) {
            const core::Region* region = process_.memory.region_at(fact.address);
            if (fact.kind != rules::FactKind::memory || region == nullptr || region->executable()) continue;
            if (std::size_t at = fact.reading.find(": "); at != std::string::npos)
                add_secret(std::string_view(fact.reading).substr(at + 2));
        }
    }
    std::ranges::stable_sort(secrets_, std::greater(), [](const Secret& one) { return one.text.size(); });
}

std::string Redactor::place(std::uint64_t address) const {
    if (const core::Module* module = process_.module_at(address); module != nullptr && process_.memory.region_at(address) != nullptr)
        return fmt::format("{}+{:#x}", text::printable(module->name()), address - module->start);
    const core::Region* region = process_.memory.region_at(address);
    if (region == nullptr) return "<value>";
    std::string name = process_.place_name(address);
    if (name == "anonymous memory") {
        const auto& regions = process_.memory.regions();
        name = fmt::format("anonymous#{}", region - regions.data());
    }
    if (name.starts_with('/')) name = text::base_name(name);
    return fmt::format("{}+{:#x}", text::printable(name), address - region->start);
}

std::string Redactor::without_secrets(std::string_view text) const {
    std::string out(text);
    auto in_word = [&](std::size_t left) {
        auto letter = [&](std::size_t at) { return at < out.size() && std::isalnum(static_cast<unsigned char>(out[at])) != 0; };
        return left > 0 && letter(left - 1) && letter(left);
    };
    for (const Secret& secret : secrets_) {
        const std::string& words = secret.text;
        std::string instead = words.substr(0, secret.kept) + fmt::format("<{} characters>", words.size() - secret.kept);
        for (std::size_t at = out.find(words); at != std::string::npos; at = out.find(words, at)) {
            std::size_t end = at + words.size();
            bool ends = end == out.size() || out[end] == '\n' || out[end] == '"' || out[end] == ' ';
            bool alone = at > 0 && (out[at - 1] == '"' || (at > 1 && out.compare(at - 2, 2, ": ") == 0)) && ends;
            if (in_word(at) || in_word(end) || (words.size() < shortest_anywhere && !alone)) {
                at = end;
                continue;
            }
            out.replace(at, words.size(), instead);
            at += instead.size();
        }
    }
    return out;
}

std::string Redactor::without_known_folders(std::string_view text) const {
    std::string out(text);
    for (const std::string& folder : folders_) {
        for (std::size_t at = out.find(folder); at != std::string::npos; at = out.find(folder, at)) {
            bool starts = may_start_path(out, at);
            if (starts) out.replace(at, folder.size(), "<folder>/");
            at += starts ? std::string_view("<folder>/").size() : folder.size();
        }
    }
    return out;
}

std::string Redactor::without_addresses(std::string_view text) const {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        bool number = text.substr(i).starts_with("0x") && (i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0);
        if (!number) {
            out += text[i++];
            continue;
        }
        std::size_t end = i + 2;
        while (end < text.size() && is_hexadecimal(text[end])) ++end;
        auto value = text::parse_unsigned(text.substr(i, end - i));
        bool offset = i > 0 && (text[i - 1] == '+' || text[i - 1] == '-');
        bool kept = !value || offset || *value < least_address || text.substr(end).starts_with(" byte");
        out += kept ? std::string(text.substr(i, end - i)) : place(*value);
        i = end;
    }
    return out;
}

std::string Redactor::text(std::string_view lines) const {
    return without_folders(without_known_folders(without_addresses(without_secrets(lines))));
}

void Redactor::json(Json& json) const {
    if (json.is_string()) {
        json = text(json.get_ref<const std::string&>());
    } else if (json.is_array()) {
        for (Json& one : json) this->json(one);
    } else if (json.is_object()) {
        if (json.contains("role")) json.erase("address");  // of evidence, whose form is fixed
        // Bytes of data; those of code are in everybody's copy of the program.
        bool fact = json.contains("kind") && json.contains("reading") && json.contains("bytes");
        if (fact) {
            auto written = json.find("address");
            bool known = written != json.end() && written->is_string();
            std::uint64_t address = known ? text::parse_unsigned(written->get_ref<const std::string&>()).value_or(0) : 0;
            const core::Region* region = process_.memory.region_at(address);
            if (region == nullptr || !region->executable()) {
                json.erase("bytes");
                json["redacted"] = "yes";
            }
        }
        bool number = json.value("kind", Json()) == "signal" && json.value("name", Json()) != "address";
        for (auto& [name, value] : json.items()) {
            if ((!number || name != "value") && name != "fingerprint") this->json(value);
        }
    }
}

}  // namespace abiscope::report
