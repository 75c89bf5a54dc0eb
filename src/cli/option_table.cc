#include "cli/option_table.h"

#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/help.h"

namespace abiscope::cli {

namespace {

constexpr const char* commands_group = "Commands";

// CLI11 adds this one by itself.
OptionRow help_row() { return {.name = "help", .type = "", .description = "Print this help message and exit"}; }

}  // namespace

OptionTable::OptionTable(std::string name, std::string description, std::string footer)
    : whole_(std::make_unique<CLI::App>(description, name)),
      app_(whole_.get()),
      name_(std::move(name)),
      description_(std::move(description)),
      rows_{help_row()} {
    app_->footer(std::move(footer));
    app_->formatter(std::make_shared<HelpFormatter>());
}

OptionTable::OptionTable(CLI::App& app, const char* name, const char* description)
    : app_(&app), name_(name), description_(description), rows_{help_row()} {}

OptionTable::~OptionTable() = default;

void OptionTable::add_row(const char* name, const char* type, const std::string& description, bool argument) {
    std::string_view word = name;
    if (!argument) word.remove_prefix(word.find("--") + 2);
    rows_.push_back({std::string(word), type, description, argument});
}

template <typename T>
CLI::Option& OptionTable::add(const char* name, T& into, const std::string& description, const ValueShape& shape, bool argument) {
    CLI::Option* option = app_->add_option(name, into, description);
    if (!shape.choices.empty()) option->check(CLI::IsMember(shape.choices));
    option->type_name(shape.type);
    option->required(shape.required);
    if (shape.separator != '\0') option->delimiter(shape.separator);
    add_row(name, shape.type, description, argument);
    return *option;
}

void OptionTable::flag(const char* name, bool& into, const char* description) {
    app_->add_flag(name, into, description);
    add_row(name, "", description, false);
}

void OptionTable::flag(const char* name, std::function<void()> when_given, const char* description) {
    app_->add_flag_callback(name, std::move(when_given), description);
    add_row(name, "", description, false);
}

void OptionTable::version_flag(const char* name, const std::string& text) {
    const CLI::Option* option = app_->set_version_flag(name, text);
    add_row(name, "", option->get_description(), false);
}

void OptionTable::option(const char* name, std::string& into, const std::string& description, const ValueShape& shape) {
    add(name, into, description, shape, false);
}

void OptionTable::option(const char* name, std::uint64_t& into, const std::string& description, const ValueShape& shape) {
    add(name, into, description, shape, false);
}

void OptionTable::option(const char* name, std::uint32_t& into, const std::string& description, const ValueShape& shape) {
    add(name, into, description, shape, false);
}

void OptionTable::option(const char* name, std::optional<std::uint64_t>& into, const std::string& description, const ValueShape& shape) {
    add(name, into, description, shape, false);
}

void OptionTable::option(const char* name, std::vector<std::string>& into, const std::string& description, const ValueShape& shape) {
    add(name, into, description, shape, false).allow_extra_args(false);
}

void OptionTable::argument(std::string& into, const std::string& description, const ValueShape& shape) {
    add(shape.type, into, description, shape, true);
}

void OptionTable::arguments(std::vector<std::string>& into, const std::string& description, const ValueShape& shape) {
    add(shape.type, into, description, shape, true);
}

void OptionTable::exclusive(const char* one, const char* other) { app_->get_option(one)->excludes(app_->get_option(other)); }

OptionTable& OptionTable::command(const char* name, const char* description) {
    app_->require_subcommand(1);
    CLI::App* inner = app_->add_subcommand(name, description)->group(commands_group);
    commands_.push_back(std::unique_ptr<OptionTable>(new OptionTable(*inner, name, description)));
    return *commands_.back();
}

const OptionTable* OptionTable::find(std::string_view command) const {
    for (const auto& inner : commands_) {
        if (inner->name() == command) return inner.get();
    }
    return nullptr;
}

OptionTable::Parsed OptionTable::parse(int argc, char** argv) {
    Parsed parsed;
    try {
        app_->parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        if (problem.get_exit_code() == 0) {
            std::ostringstream printed;
            app_->exit(problem, printed, printed);
            parsed.printed = printed.str();
        } else {
            parsed.error = usage_error(*app_, problem);
        }
    }
    parsed.command = command_path(*app_);
    return parsed;
}

bool OptionTable::given() const { return app_->parsed(); }

}  // namespace abiscope::cli
