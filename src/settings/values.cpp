// The values settings have in a server and in a session.
#include <cstdlib>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "aegis/settings/settings.h"

namespace aegis::settings {

namespace {

[[noreturn]] void throw_unknown(std::string_view name) {
  throw SqlError(Sqlstate::UndefinedObject, fmt::format("unrecognized configuration parameter \"{}\"", name));
}

}  // namespace

ServerValues::ServerValues() : sources_(kSettingCount, Source::Default) {
  values_.reserve(kSettingCount);
  for (const Definition& d : definitions()) values_.emplace_back(d.boot);
}

void ServerValues::set(std::string_view name, std::string_view value, Source source) {
  std::optional<Id> id = find(name);
  if (!id) {
    check_custom_name(name);
    custom_[std::string(name)] = value;
    return;
  }
  const Definition& d = definition(*id);
  if (d.context == Context::Internal) {
    throw SqlError(Sqlstate::CantChangeRuntimeParam, fmt::format("parameter \"{}\" cannot be changed", d.name));
  }
  values_[static_cast<size_t>(*id)] = parse_value(d, value);
  sources_[static_cast<size_t>(*id)] = source;
}

int64_t ServerValues::integer(Id id) const { return std::strtoll(value(id).c_str(), nullptr, 10); }

SessionValues::SessionValues(std::shared_ptr<const ServerValues> server, Hooks& hooks)
    : server_(std::move(server)), hooks_(hooks) {
  for (const auto& [name, value] : server_->custom()) custom_[name].initial = value;
}

const std::string& SessionValues::value(Id id) const {
  auto entry = entries_.find(static_cast<uint16_t>(id));
  if (entry == entries_.end()) return server_value(id);
  if (entry->second.local) return *entry->second.local;
  if (entry->second.session) return *entry->second.session;
  if (entry->second.initial) return *entry->second.initial;
  return server_value(id);
}

const std::string& SessionValues::reset_value(Id id) const {
  auto entry = entries_.find(static_cast<uint16_t>(id));
  return entry != entries_.end() && entry->second.initial ? *entry->second.initial : server_value(id);
}

int64_t SessionValues::integer(Id id) const { return std::strtoll(value(id).c_str(), nullptr, 10); }
double SessionValues::real(Id id) const { return std::strtod(value(id).c_str(), nullptr); }

Source SessionValues::source(Id id) const {
  auto entry = entries_.find(static_cast<uint16_t>(id));
  if (entry == entries_.end()) return server_->source(id);
  if (entry->second.local || entry->second.session) return Source::Session;
  return entry->second.initial ? entry->second.initial_source : server_->source(id);
}

std::optional<std::string> SessionValues::show(std::string_view name) const {
  if (std::optional<Id> id = find(name)) return display_value(definition(*id), value(*id));
  auto entry = custom_.find(name);
  if (entry == custom_.end()) return std::nullopt;
  const Entry& e = entry->second;
  return e.local ? *e.local : e.session ? *e.session : e.initial.value_or("");
}

void SessionValues::check_allowed(const Definition& d, bool superuser, bool at_start) const {
  auto refuse = [&](const char* why) {
    throw SqlError(Sqlstate::CantChangeRuntimeParam, fmt::format("parameter \"{}\" cannot be {}", d.name, why));
  };
  switch (d.context) {
    case Context::Internal: refuse("changed"); break;
    case Context::Postmaster: refuse("changed without restarting the server"); break;
    case Context::Sighup: refuse("changed now"); break;
    case Context::SuperuserBackend:
    case Context::Backend:
      if (!at_start) refuse("set after connection start");
      if (d.context == Context::Backend || superuser) break;
      [[fallthrough]];
    case Context::Superuser:
      if (!superuser) {
        throw SqlError(Sqlstate::InsufficientPrivilege, fmt::format("permission denied to set parameter \"{}\"", d.name));
      }
      break;
    case Context::User: break;
  }
}

void SessionValues::notify(Id id, const std::string& before) {
  const std::string& now = value(id);
  if (now != before) hooks_.changed(id, now);
}

void SessionValues::set_initial(std::string_view name, std::string_view text, Source source, bool superuser) {
  std::optional<Id> id = find(name);
  if (!id) {
    check_custom_name(name);
    custom_[std::string(name)].initial = text;
    return;
  }
  const Definition& d = definition(*id);
  check_allowed(d, superuser, true);
  std::string before = value(*id);
  std::string canonical = hooks_.check(*id, parse_value(d, text), source);
  Entry& entry = entries_[static_cast<uint16_t>(*id)];
  entry.initial = std::move(canonical);
  entry.initial_source = source;
  notify(*id, before);
}

void SessionValues::change(Id id, std::optional<std::string> text, bool local) {
  std::string before = value(id);
  auto at = entries_.find(static_cast<uint16_t>(id));
  undo_.push_back({false, id, "", at == entries_.end() ? Entry() : at->second, at != entries_.end()});
  Entry& entry = entries_[static_cast<uint16_t>(id)];
  if (local) {
    entry.local = text ? std::move(*text) : reset_value(id);
  } else {
    entry.session = std::move(text);
    entry.local.reset();
  }
  notify(id, before);
}

void SessionValues::change_custom(std::string_view name, std::optional<std::string> text, bool local) {
  auto at = custom_.find(name);
  undo_.push_back({true, Id{}, std::string(name), at == custom_.end() ? Entry() : at->second, at != custom_.end()});
  Entry& entry = custom_[std::string(name)];
  if (local) {
    entry.local = text ? std::move(*text) : entry.initial.value_or("");
  } else {
    entry.session = std::move(text);
    entry.local.reset();
  }
}

void SessionValues::set(std::string_view name, std::string_view text, bool local, bool superuser) {
  std::optional<Id> id = find(name);
  if (!id) {
    check_custom_name(name);
    return change_custom(name, std::string(text), local);
  }
  const Definition& d = definition(*id);
  check_allowed(d, superuser, false);
  change(*id, hooks_.check(*id, parse_value(d, text), Source::Session), local);
}

void SessionValues::reset(std::string_view name, bool local, bool superuser) {
  std::optional<Id> id = find(name);
  if (!id) {
    if (custom_.find(name) == custom_.end()) throw_unknown(name);
    return change_custom(name, std::nullopt, local);
  }
  check_allowed(definition(*id), superuser, false);
  change(*id, std::nullopt, local);
}

void SessionValues::reset_all() {
  std::vector<Id> ids;
  for (const auto& [number, entry] : entries_) {
    Id id = static_cast<Id>(number);
    const Definition& d = definition(id);
    if ((entry.session || entry.local) && d.context >= Context::Superuser && (d.flags & (kNoResetAll | kHidden)) == 0) {
      ids.push_back(id);
    }
  }
  for (Id id : ids) change(id, std::nullopt, false);
  std::vector<std::string> names;
  for (const auto& [name, entry] : custom_) names.push_back(name);
  for (const std::string& name : names) change_custom(name, std::nullopt, false);
}

void SessionValues::force(Id id, std::string_view text) {
  std::string before = value(id);
  Entry& entry = entries_[static_cast<uint16_t>(id)];
  entry.initial = text;
  entry.session.reset();
  entry.local.reset();
  notify(id, before);
}

void SessionValues::set_transaction_local(Id id, std::string_view text) { change(id, std::string(text), true); }

void SessionValues::set_server(std::shared_ptr<const ServerValues> server) {
  std::shared_ptr<const ServerValues> old = std::move(server_);
  server_ = std::move(server);
  for (size_t i = 0; i < kSettingCount; ++i) {
    Id id = static_cast<Id>(i);
    if (definition(id).context == Context::Postmaster || old->value(id) == server_->value(id)) continue;
    auto entry = entries_.find(static_cast<uint16_t>(i));
    if (entry == entries_.end() || (!entry->second.local && !entry->second.session && !entry->second.initial)) {
      hooks_.changed(id, server_->value(id));
    }
  }
}

void SessionValues::rollback_to(size_t savepoint) {
  while (undo_.size() > savepoint) {
    Undo undo = std::move(undo_.back());
    undo_.pop_back();
    if (undo.is_custom) {
      if (undo.existed) {
        custom_[undo.custom] = std::move(undo.before);
      } else {
        custom_.erase(undo.custom);
      }
      continue;
    }
    std::string before = value(undo.id);
    if (undo.existed) {
      entries_[static_cast<uint16_t>(undo.id)] = std::move(undo.before);
    } else {
      entries_.erase(static_cast<uint16_t>(undo.id));
    }
    notify(undo.id, before);
  }
}

void SessionValues::commit() {
  std::vector<Undo> done = std::move(undo_);
  undo_.clear();
  for (const Undo& undo : done) {
    if (undo.is_custom) {
      custom_[undo.custom].local.reset();
      continue;
    }
    auto entry = entries_.find(static_cast<uint16_t>(undo.id));
    if (entry == entries_.end() || !entry->second.local) continue;
    std::string before = *entry->second.local;
    entry->second.local.reset();
    notify(undo.id, before);
  }
}

std::vector<SessionValues::CustomValue> SessionValues::custom_values() const {
  std::vector<CustomValue> result;
  for (const auto& [name, entry] : custom_) {
    result.push_back({name, entry.local ? *entry.local : entry.session ? *entry.session : entry.initial.value_or("")});
  }
  return result;
}

}  // namespace aegis::settings
