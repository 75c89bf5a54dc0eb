// The one table of commands and their options: what is parsed, shown by --help, completed by shells and printed as manual pages.
// CLI11 does the parsing. Its header stays in two files, because each that includes it costs as much to compile as ten others.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace abiscope::cli {

// How an option's or an argument's value looks.
struct ValueShape {
    const char* type = "";                 // FILE: what stands for the value in --help
    std::vector<std::string> choices = {};  // the only values taken, when there are any
    bool required = false;
    char separator = '\0';                 // of several values in one word
};

// One row, as completions and manual pages show it.
struct OptionRow {
    std::string name;                      // without dashes: "json", and "FILE" of an argument
    std::string type;                      // empty for a flag
    std::string description;
    bool argument = false;                 // has a place instead of a name
};

// One command's part. Everything given to it by reference must live as long as it does.
class OptionTable {
public:
    // The whole program; commands are added to it.
    OptionTable(std::string name, std::string description, std::string footer);
    ~OptionTable();
    OptionTable(const OptionTable&) = delete;
    OptionTable& operator=(const OptionTable&) = delete;

    // Names are written as they are typed: "--json", "-e,--text".
    void flag(const char* name, bool& into, const char* description);
    void flag(const char* name, std::function<void()> when_given, const char* description);
    void version_flag(const char* name, const std::string& text);
    void option(const char* name, std::string& into, const std::string& description, const ValueShape& shape);
    void option(const char* name, std::uint64_t& into, const std::string& description, const ValueShape& shape);
    void option(const char* name, std::uint32_t& into, const std::string& description, const ValueShape& shape);
    void option(const char* name, std::optional<std::uint64_t>& into, const std::string& description, const ValueShape& shape);
    // May be given again; takes one word each time, so that what follows is a FILE.
    void option(const char* name, std::vector<std::string>& into, const std::string& description, const ValueShape& shape);
    // What has no name: one word, or all of them.
    void argument(std::string& into, const std::string& description, const ValueShape& shape);
    void arguments(std::vector<std::string>& into, const std::string& description, const ValueShape& shape);
    // At most one of the two is given.
    void exclusive(const char* one, const char* other);

    // A command of this one. A command with commands needs one of them.
    OptionTable& command(const char* name, const char* description);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& description() const { return description_; }
    [[nodiscard]] const std::vector<OptionRow>& rows() const { return rows_; }
    [[nodiscard]] const std::vector<std::unique_ptr<OptionTable>>& commands() const { return commands_; }
    [[nodiscard]] const OptionTable* find(std::string_view command) const;

    // What reading a command line came to.
    struct Parsed {
        std::string printed;               // help or version was asked for: this text
        std::optional<Error> error;        // bad_usage, in one sentence that says what to do
        std::string command;               // "target show": the innermost command that was read
    };
    [[nodiscard]] Parsed parse(int argc, char** argv);
    // It was among the words that were parsed.
    [[nodiscard]] bool given() const;

private:
    OptionTable(CLI::App& app, const char* name, const char* description);
    void add_row(const char* name, const char* type, const std::string& description, bool argument);
    template <typename T>
    CLI::Option& add(const char* name, T& into, const std::string& description, const ValueShape& shape, bool argument);

    std::unique_ptr<CLI::App> whole_;      // of the program alone
    CLI::App* app_ = nullptr;
    std::string name_;
    std::string description_;
    std::vector<OptionRow> rows_;
    std::vector<std::unique_ptr<OptionTable>> commands_;
};

}  // namespace abiscope::cli
