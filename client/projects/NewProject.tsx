import { ArrowLeft, ChevronRight, FolderGit2, LayoutTemplate } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { CreateProjectInput, ProjectTemplate } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { classNames } from '../ui/class-names.ts';
import { Field, Problem } from '../ui/Field.tsx';
import { useCreateProject } from './useCreateProject.ts';

type Way = 'source' | 'template';

/** The ways to a project, and the form of the chosen one. */
export function NewProject({ onCreated }: { onCreated(projectId: string): void }) {
  const [way, setWay] = useState<Way | null>(null);
  if (way === null) {
    return (
      <div className="grid gap-2">
        <WayButton
          icon={<FolderGit2 size={18} strokeWidth={1.75} aria-hidden />}
          title="From a folder or URL"
          sentence="A git repository on the server's disk or at an https address. It is copied; the original is never written to."
          onClick={() => setWay('source')}
        />
        <WayButton
          icon={<LayoutTemplate size={18} strokeWidth={1.75} aria-hidden />}
          title="From a template"
          sentence="A new repository that starts with a README or a small web page."
          onClick={() => setWay('template')}
        />
      </div>
    );
  }
  const Form = way === 'source' ? SourceForm : TemplateForm;
  return <Form onCreated={onCreated} onBack={() => setWay(null)} />;
}

interface WayButtonProps {
  icon: ReactNode;
  title: string;
  sentence: string;
  onClick(): void;
}

function WayButton({ icon, title, sentence, onClick }: WayButtonProps) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="group flex w-full items-center gap-3.5 rounded-card border border-line bg-card p-4 text-left transition-colors hover:border-line-strong hover:bg-hover"
    >
      <span className="flex size-9 shrink-0 items-center justify-center rounded-control bg-wash text-accent">
        {icon}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block text-read font-medium">{title}</span>
        <span className="block text-control text-second">{sentence}</span>
      </span>
      <ChevronRight size={16} strokeWidth={1.75} className="shrink-0 text-third" aria-hidden />
    </button>
  );
}

interface FormProps {
  onCreated(projectId: string): void;
  onBack(): void;
}

function SourceForm({ onCreated, onBack }: FormProps) {
  const [source, setSource] = useState('');
  const [name, setName] = useState('');
  const { createProject, problem, forgetProblem, isBusy } = useCreateProject(onCreated);
  const isAboutName = problem?.field === 'name';

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void createProject({ ...sourceInput(source.trim()), name: name.trim() || null });
  };

  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-4">
      <Field
        label="Folder or URL"
        isCode
        autoFocus
        placeholder="/home/me/shop or https://git.example.com/me/shop.git"
        value={source}
        onChange={(event) => {
          setSource(event.target.value);
          forgetProblem();
        }}
        problem={isAboutName ? null : problem?.message}
        hint="A path on the machine Kosuke runs on, or an https address without a password in it."
      />
      <Field
        label="Name"
        placeholder="Taken from the path or URL"
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
        problem={isAboutName ? problem.message : null}
      />
      <FormButtons isBusy={isBusy} isReady={source.trim() !== ''} onBack={onBack} />
    </form>
  );
}

const templates: { template: ProjectTemplate; title: string; sentence: string }[] = [
  { template: 'STATIC_WEB_PAGE', title: 'Web page', sentence: 'One HTML file and one style sheet.' },
  { template: 'EMPTY', title: 'Empty', sentence: 'A README and nothing else.' },
];

function TemplateForm({ onCreated, onBack }: FormProps) {
  const [template, setTemplate] = useState<ProjectTemplate>('STATIC_WEB_PAGE');
  const [name, setName] = useState('');
  const { createProject, problem, forgetProblem, isBusy } = useCreateProject(onCreated);
  const isAboutName = problem?.field === 'name';

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void createProject({ template, name: name.trim() || null });
  };

  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-4">
      <Field
        label="Name"
        autoFocus
        placeholder="my-shop"
        maxLength={100}
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          forgetProblem();
        }}
        problem={isAboutName ? problem.message : null}
      />
      <fieldset>
        <legend className="mb-1.5 text-control font-medium">Starts with</legend>
        <div className="grid grid-cols-2 gap-2">
          {templates.map(({ template: value, title, sentence }) => (
            <label
              key={value}
              className={classNames(
                'flex cursor-pointer gap-2.5 rounded-card border p-3 transition-colors has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent has-[:focus-visible]:outline-offset-2',
                template === value ? 'border-accent bg-wash' : 'border-line-strong bg-card hover:bg-hover',
              )}
            >
              <input
                type="radio"
                name="template"
                value={value}
                checked={template === value}
                onChange={() => setTemplate(value)}
                className="mt-0.5 size-3.5 accent-accent"
              />
              <span className="min-w-0">
                <span className="block text-control font-medium">{title}</span>
                <span className="block text-meta text-second">{sentence}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {problem && !isAboutName && <Problem text={problem.message} />}
      <FormButtons isBusy={isBusy} isReady={name.trim() !== ''} onBack={onBack} />
    </form>
  );
}

function FormButtons({ isBusy, isReady, onBack }: { isBusy: boolean; isReady: boolean; onBack(): void }) {
  return (
    <div className="mt-1 flex justify-between gap-2">
      <Button
        look="quiet"
        className="-ml-2"
        icon={<ArrowLeft size={14} strokeWidth={1.75} aria-hidden />}
        onClick={onBack}
      >
        Other ways
      </Button>
      <Button type="submit" look="primary" isBusy={isBusy} disabled={!isReady}>
        Add project
      </Button>
    </div>
  );
}

/** What looks like an address is one, also a bad one: the server says what is wrong with it. */
function sourceInput(source: string): Pick<CreateProjectInput, 'gitUrl' | 'localPath'> {
  const looksLikeAddress = /^[a-z][a-z0-9+.-]+:/i.test(source) || /^[^/\s]+@[^/\s]+:/.test(source);
  return looksLikeAddress ? { gitUrl: source } : { localPath: source };
}
